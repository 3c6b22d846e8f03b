"""
Facts and values of an order's life. No IO, no async, no clock, no random numbers.
"""

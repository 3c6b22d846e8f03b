"""
What the law of a place says, as data: each entry with its source and the day on which it was last looked at.
"""

"""
What runs: recorder, watchdog, sender, janitor, worker. Only here time and chance enter.
"""

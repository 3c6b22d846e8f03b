"""
Where orders, promises, notices and messages are kept: schema and statements per dialect, and the units of work.

A unit of work is a plain generator. It yields statements by name, is sent their rows, and returns a result; it does no
IO and knows no driver. Who runs it is a *carrier*: ``sqlite.py`` has one on its own connection and one on a thread.
"""

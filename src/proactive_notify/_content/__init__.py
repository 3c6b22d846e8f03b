"""
What a message says: plain values, templates, catalogues, MIME. Imported when the first message is rendered.
"""

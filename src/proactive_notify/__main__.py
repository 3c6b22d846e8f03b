"""``python -m proactive_notify``."""

from .cli import main

if __name__ == "__main__":
    main()

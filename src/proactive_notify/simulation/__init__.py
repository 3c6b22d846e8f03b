"""
The real engine on a virtual clock with recording transports. Replay stands on it, and so do your tests.
"""

from .clock import VirtualClock
from .recording import RecordingTransport
from .simulation import Simulation

__all__ = ["RecordingTransport", "Simulation", "VirtualClock"]

"""A checker of replays that knows the input, the output and the promises, and nothing of the engine."""

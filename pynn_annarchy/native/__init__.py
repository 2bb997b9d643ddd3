"""The engine's Python face: models, networks, runs, recorded arrays. It knows nothing of PyNN."""

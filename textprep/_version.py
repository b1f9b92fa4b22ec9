"""The version, in one place: packaging, manifests and run directories read it here."""

__version__ = "0.1.0"

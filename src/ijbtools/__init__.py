"""Who pays, who bears and who gains when health and social care share one budget."""

__version__ = "0.1.0"

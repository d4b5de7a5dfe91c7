"""From a plan to published pages: the only room that knows papermill."""

"""What `daogou eval` measures: labels in, figures out. `training` measures with the same code."""

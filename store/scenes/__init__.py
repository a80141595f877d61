"""Painted places that products are shown in: `compose` puts a cut-out product into one of SCENES, `framed` shows a
photo that cannot be cut out as a print before it."""

from store.scenes.compose import SCENES, SceneError, UnknownScene, compose, framed, stands

__all__ = ["SCENES", "SceneError", "UnknownScene", "compose", "framed", "stands"]

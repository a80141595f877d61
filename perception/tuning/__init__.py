"""Tunes a joint space of photos and titles on a shop's own products, from features of frozen encoders."""

"""What whoever runs the shop needs: health, figures, traces, logs, an orderly end."""

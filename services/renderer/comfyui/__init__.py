"""ComfyUI behind the tunnel: the one place that speaks its routes."""

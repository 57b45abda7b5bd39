"""What both services do alike over HTTP."""

"""The project page on two pilots (SINTEF) and a press summary of it: what their statements are held to."""

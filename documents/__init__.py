"""From a location to pixels: fetch, inspect, rasterise, and the geometry of straightened pages. Knows no Beam."""

"""Real parts on one machine, without root or containers: broker, registry, emulators, and Prism."""

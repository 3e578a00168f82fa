"""Where what is known comes from, each with its age: the job table first, then who runs replicas, then Prometheus."""

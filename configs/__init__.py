"""What Atelier runs, as data: YAML files and the frozen schema that reads them."""

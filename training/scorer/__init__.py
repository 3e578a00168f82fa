"""How mini's scorer is made: two towers that tell whether a picture shows what a sentence asks for."""

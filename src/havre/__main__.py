"""``python -m havre``."""

from havre.cli import main

if __name__ == "__main__":
    main(prog_name="havre")

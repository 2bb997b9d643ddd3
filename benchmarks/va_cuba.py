"""Current-based Vogels-Abbott network."""

from vogels_abbott import main

if __name__ == "__main__":
    main("CUBA")

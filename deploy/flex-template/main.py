"""What the Flex Template's launcher runs; see `runners.flex_template`."""

import logging
import sys

from runners.flex_template import launch

logging.basicConfig(level=logging.INFO)
launch(sys.argv[1:])

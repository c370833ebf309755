import sys

from kechuang.site.cli import main

sys.exit(main())

"""What can be asked for on the command line: one module a group of commands, each with its options and what it does.

`add(commands)` of a module adds its commands to the parser. Results go to standard output, messages to standard error;
functions import what they need, so that help and wrong commands answer at once.
"""

BUILD_FAILED = 1
WRONG_INPUT = 2

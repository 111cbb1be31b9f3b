import '../lab/cli/quiet';

import '../cli/shared/quiet';

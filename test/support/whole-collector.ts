// Test files share a process, and the collector counts on its tables of attributes being there before the first attribute
// is: as in the program, which loads before it listens.
import '#collector/receive/intake.ts';

// Prints the closing line of a CI run, `N passed, N failed, N skipped`, from vitest's JSON report.
// Arguments: the report, the number of other steps that failed, and 1 where the test command itself failed.
import { existsSync, readFileSync } from 'node:fs';

const [file = '', steps = '0', command = '0'] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
const count = (name) => report?.[name] ?? 0;

// A file that does not load has no failed test, and a run that was stopped has no report: both are failures.
const broken = (report?.testResults ?? []).filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
);
for (const { name, message } of broken) console.log(`${name}: ${message}`);
const failedTests = count('numFailedTests') + broken.length;
const failed = Math.max(failedTests, Number(command)) + Number(steps);
console.log(
  `${count('numPassedTests')} passed, ${failed} failed, ${count('numPendingTests') + count('numTodoTests')} skipped`,
);

// Command sluice-perf measures Sluice side by side with other ways of doing the
// same job, and keeps the bars that the project set itself.
package main

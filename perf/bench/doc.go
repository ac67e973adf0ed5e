// Package bench measures Sluice against the other ways of doing the same job, on
// one machine and in one run.
//
// A [Scenario] is a value: what is measured, by which sides, and the bars that an
// issue set. [Run] prepares it, lets every side warm up once and then measures the
// sides in turn, each pair beginning with another one, so that a machine that
// grows slower is unkind to all alike. Every sample is kept. What a bar is about
// is judged by the ratios within pairs, or by the samples themselves, and never
// by a side that was not there: a peer that is not installed is left out and
// said so.
//
// The arithmetic ([Summarize], [Ratios], [Bar.Judge]), the order of the runs and
// the printing are pure; what starts switches stands in files named after their
// scenario, on package lab, which undoes everything when the context ends.
package bench

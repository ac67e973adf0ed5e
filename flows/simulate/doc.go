// Package simulate says what must happen to a packet in a logical network: where
// it comes out, how it looks there, who answers it, or why it is dropped. It is
// the reference that flow tables are tested against and what `sluicectl trace
// --simulate` prints, so it is written from the networking point of view alone:
// it knows neither tables nor registers, and where a table would be clever it
// walks over everything.
//
// The model keeps no state between packets: what is learned from traffic
// (neighbours outside, MACs behind unknown ports, connections) is not in it.
package simulate

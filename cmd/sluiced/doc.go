// Command sluiced is the daemon: one per host, it makes Open vSwitch what the
// host profile says and keeps it so.
package main

package configs

import (
	"path"
	"strings"

	"github.com/sluice-nfv/sluice/vhost"
)

// vhostPorts checks each port's bridge and that its socket has a directory of
// its own, which comes and goes with the port.
func (c *checker) vhostPorts() {
	if c.VHost == nil {
		return
	}
	sockets, dirs := map[string]string{}, map[string]string{}
	for _, p := range c.VHost.Ports {
		if _, found := c.bridge(p.Bridge); !found {
			c.say(p.Path+".bridge", "%s is no bridge of this profile; valid: %s", p.Bridge, c.bridgeNames())
		}
		c.socket(p)
		if other, again := sockets[p.Socket]; again {
			c.say(p.Path+".socket", "%s is the socket of %s already; each port has its own", p.Socket, c.at(other))
			continue
		}
		sockets[p.Socket] = p.Path
		dir := path.Dir(p.Socket)
		if other, again := dirs[dir]; again {
			c.say(p.Path+".socket", "the directory %s is that of %s already; a directory goes with its port: give each its own", dir, c.at(other))
			continue
		}
		dirs[dir] = p.Path
	}
	c.nested(dirs)
}

// nested refuses a port's directory below another port's.
func (c *checker) nested(dirs map[string]string) {
	for _, p := range c.VHost.Ports {
		dir := path.Dir(p.Socket)
		for above := path.Dir(dir); above != "/"; above = path.Dir(above) {
			if other, found := dirs[above]; found {
				c.say(p.Path+".socket", "the directory %s lies in %s, that of %s; a directory goes with its port: give each its own", dir, above, c.at(other))
			}
		}
	}
}

func (c *checker) socket(p vhost.PortSpec) {
	at := p.Path + ".socket"
	if p.Socket == defaultSocket(c.VHost.SocketDir, p.Name) {
		if len(p.Socket) > maxSocket {
			c.say(p.Path+".name", "the socket %s has %d bytes, over the %d of a unix socket's path; shorten the name, which stands in it twice, or dpdk.vhost.socketDir, or set socket",
				p.Socket, len(p.Socket), maxSocket)
		}
		return
	}
	dir := path.Dir(p.Socket)
	own := path.Base(dir) == p.Name || strings.HasPrefix(dir, c.VHost.SocketDir+"/")
	if !own || strings.Count(dir, "/") < 2 {
		c.say(at, "the directory %s is not the port's own, and it would get the port's owner and mode and go with the port; write for instance %s, or a path below %s",
			dir, path.Join(dir, p.Name, path.Base(p.Socket)), c.VHost.SocketDir)
	}
}

func (c *checker) bridgeNames() string {
	var names []string
	for _, b := range c.Bridges {
		names = append(names, b.Name)
	}
	return orNone(names)
}

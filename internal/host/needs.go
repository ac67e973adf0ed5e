package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"

	"github.com/vishvananda/netlink"
)

// Needs tells whether an action has anything left to do. It changes nothing. An
// action that is refused for what the host lacks counts as needed: doing it
// says why.
func (f FS) Needs(ctx context.Context, a Action) (bool, error) {
	if err := ctx.Err(); err != nil {
		return true, err
	}
	switch a := a.(type) {
	case BindDriver:
		n, err := f.function(a.PCI)
		return err != nil || !n.satisfies(a.Driver), nil
	case SetHugepages:
		have, err := try(f, f.poolDir(a)+"/nr_hugepages", parseCount)
		return err != nil || have < a.Pages, nil
	case MakeDirectory:
		return f.needsDirectory(a), nil
	case RemoveDirectory:
		_, err := os.Lstat(f.path(a.Path))
		return !errors.Is(err, fs.ErrNotExist), nil
	case SetAddresses:
		if !f.live() {
			return true, nil
		}
		return needsAddresses(ctx, a)
	default:
		return false, fmt.Errorf("no way to do a %T", a)
	}
}

func (f FS) poolDir(a SetHugepages) string {
	dir := fmt.Sprintf("%s/node%d/hugepages", nodeDir, a.Node)
	if a.Node == 0 && !f.exists(nodeDir) {
		dir = poolDir
	}
	return fmt.Sprintf("%s/hugepages-%dkB", dir, a.SizeKiB)
}

func (f FS) needsDirectory(a MakeDirectory) bool {
	uid, gid, err := owner(a.User, a.Group)
	if err != nil {
		return true
	}
	info, err := os.Lstat(f.path(a.Path))
	if err != nil || !info.IsDir() {
		return true
	}
	const bits = fs.ModePerm | fs.ModeSetgid
	return !owned(info, uid, gid) || a.Mode != 0 && info.Mode()&bits != a.Mode&bits
}

func needsAddresses(ctx context.Context, a SetAddresses) (bool, error) {
	h, err := routeSocket()
	if err != nil {
		return true, fmt.Errorf("open netlink: %w", err)
	}
	defer h.Close()
	link, err := h.LinkByName(a.Device)
	if err != nil {
		// Without the device there is nothing to remove, and all to add.
		return len(a.Addresses)+len(a.Routes) > 0, nil
	}
	d := device{h: h, link: link, name: a.Device}
	have, err := d.addresses(ctx)
	if err != nil {
		return true, err
	}
	if link.Attrs().Flags&net.FlagUp == 0 {
		return true, nil
	}
	for _, p := range a.Addresses {
		if !slices.Contains(have, p) {
			return true, nil
		}
	}
	for _, p := range a.Remove {
		if slices.Contains(have, p) && !slices.Contains(a.Addresses, p) {
			return true, nil
		}
	}
	return d.needsRoutes(ctx, a)
}

func (d device) needsRoutes(ctx context.Context, a SetAddresses) (bool, error) {
	for _, r := range a.Routes {
		if there, err := d.has(ctx, r); err != nil || !there {
			return true, err
		}
	}
	for _, r := range a.RemoveRoutes {
		if slices.ContainsFunc(a.Routes, func(w Route) bool { return w.To.Masked() == r.To.Masked() }) {
			continue
		}
		if there, err := d.has(ctx, r); err != nil || there {
			return true, err
		}
	}
	return false, nil
}

func (d device) has(ctx context.Context, r Route) (bool, error) {
	there, err := d.routes(ctx, r.To)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(there, func(t netlink.Route) bool {
		return t.LinkIndex == d.link.Attrs().Index && via(t) == r.Via
	}), nil
}

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// QEMUOptions describe a virtual machine on a dpdkvhostuserclient port: a Linux
// kernel with its own virtio driver, under software emulation.
type QEMUOptions struct {
	// Socket is the path that the port has as vhost-server-path. The guest makes
	// it; a socket left there by a killed guest is replaced.
	Socket string
	// MAC is the address of eth0; required.
	MAC net.HardwareAddr
	// Address is the address of eth0; the zero value leaves it without.
	Address netip.Prefix
	// Queues is the number of queue pairs, and of processors; 0 means 1.
	Queues int
	// Memory is the guest's in MiB, of ordinary shared pages; 0 means 192.
	Memory int
}

// QEMU is a running virtual machine. Its methods may be called concurrently.
type QEMU struct {
	cmd     *Cmd
	console *console
	conn    net.Conn
	files   []string // to be removed
}

const (
	qemuBinary    = "/usr/bin/qemu-system-x86_64"
	busyboxBinary = "/bin/busybox"
)

// MissingQEMU lists what this machine lacks to run virtual machines.
func MissingQEMU() []string {
	missing := missingFiles(map[string]string{qemuBinary: "qemu-system-x86", busyboxBinary: "busybox-static"})
	if _, err := os.Stat(busyboxBinary); err == nil && !isStatic(busyboxBinary) {
		missing = append(missing, "package busybox-static ("+busyboxBinary+" needs libraries that a guest has not)")
	}
	if _, _, err := guestKernel(); err != nil {
		missing = append(missing, fmt.Sprintf("package linux-image-cloud-amd64 (%v)", err))
	}
	return missing
}

// StartQEMU starts a virtual machine and returns when its socket is there for the
// switch to connect to; only then does it boot, which Booted waits for. Close of
// the host ends it.
func (h *Host) StartQEMU(ctx context.Context, o QEMUOptions) (*QEMU, error) {
	q, err := h.startQEMU(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start virtual machine at %s: %w", o.Socket, err)
	}
	return q, nil
}

func (h *Host) startQEMU(ctx context.Context, o QEMUOptions) (*QEMU, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	kernel, modules, err := guestKernel()
	if err != nil {
		return nil, err
	}
	initrd, err := buildInitrd(busyboxBinary, modules, o.setup())
	if err != nil {
		return nil, err
	}
	base := h.Path(filepath.Base(o.Socket))
	q := &QEMU{files: []string{base + ".initrd", base + ".console", o.Socket}}
	if err := os.WriteFile(q.files[0], initrd, 0o644); err != nil {
		return nil, err
	}
	for _, socket := range q.files[1:] {
		if err := removeSocket(socket); err != nil {
			return nil, err
		}
	}
	if err := q.run(ctx, h, o.args(kernel, q.files[0], q.files[1])); err != nil {
		return nil, errors.Join(err, q.Kill(), q.removeFiles())
	}
	return q, nil
}

// run starts QEMU and attaches the console, without which it does not go on to
// make the guest's socket.
func (q *QEMU) run(ctx context.Context, h *Host, args []string) error {
	diag, err := os.CreateTemp(h.dir, "stderr-")
	if err != nil {
		return err
	}
	defer diag.Close()
	defer os.Remove(diag.Name())
	q.cmd = h.Command(context.WithoutCancel(ctx), qemuBinary, args...)
	q.cmd.Stdout, q.cmd.Stderr = diag, diag
	if err := q.cmd.Start(); err != nil {
		return err
	}
	// Ends with the process.
	go func() { _ = q.cmd.Wait() }()
	alive := func() error {
		select {
		case <-q.cmd.done:
			text, _ := os.ReadFile(diag.Name())
			return fmt.Errorf("QEMU has ended: %s", lastLines(string(text), 5))
		default:
			return nil
		}
	}
	err = Until(ctx, "its console is there", func(ctx context.Context) error {
		if alive() != nil {
			return nil
		}
		var dialer net.Dialer
		q.conn, err = dialer.DialContext(ctx, "unix", q.files[1])
		return err
	})
	if err := errors.Join(err, alive()); err != nil {
		return err
	}
	con := &console{
		what:     "the virtual machine",
		mark:     func(text string) string { return `echo "` + text + `$s"` },
		greeting: guestGreeting,
	}
	q.console = con.open(q.conn, q.conn)
	err = Until(ctx, "its socket is there", func(context.Context) error {
		if alive() != nil {
			return nil
		}
		_, err := os.Stat(q.files[2])
		return err
	})
	return errors.Join(err, alive())
}

func (o *QEMUOptions) validate() error {
	if !filepath.IsAbs(o.Socket) {
		return fmt.Errorf("socket %q is no absolute path", o.Socket)
	}
	if len(o.MAC) != 6 {
		return fmt.Errorf("MAC %q is not six bytes", o.MAC)
	}
	if o.Queues == 0 {
		o.Queues = 1
	}
	if o.Memory == 0 {
		o.Memory = 192
	}
	return nil
}

// setup are the lines of the guest's init script that depend on the options.
func (o *QEMUOptions) setup() string {
	if !o.Address.IsValid() {
		return ""
	}
	if o.Address.Addr().Is6() {
		return fmt.Sprintf("ip addr add %s dev eth0 nodad", o.Address)
	}
	return fmt.Sprintf("ip addr add %s dev eth0", o.Address)
}

// args are QEMU's (7.2). The console comes first, as chardevs are made in order
// and each waits for its peer.
func (o *QEMUOptions) args(kernel, initrd, console string) []string {
	memory, queues := strconv.Itoa(o.Memory), strconv.Itoa(o.Queues)
	// vectors=0: with MSI-X and vhost-user, plain TCG of 7.2 dies of a
	// segmentation fault.
	device := fmt.Sprintf("virtio-net-pci,netdev=n0,mac=%s,vectors=0", o.MAC)
	if o.Queues > 1 {
		device += ",mq=on"
	}
	return []string{
		"-accel", "tcg", "-cpu", "max", "-smp", queues, "-m", memory,
		// The switch reads and writes the guest's memory: share=on.
		"-object", "memory-backend-memfd,id=mem,share=on,size=" + memory + "M", "-numa", "node,memdev=mem",
		"-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=1",
		"-nodefaults", "-display", "none", "-no-reboot",
		"-chardev", "socket,id=tty,server=on,wait=on,path=" + console, "-serial", "chardev:tty",
		"-chardev", "socket,id=c0,server=on,path=" + o.Socket,
		"-netdev", "vhost-user,id=n0,chardev=c0,queues=" + queues, "-device", device,
	}
}

// PID is the process id of QEMU.
func (q *QEMU) PID() int { return q.cmd.Process.Pid }

// Booted returns when the guest runs its shell: the switch has connected and eth0
// is up.
func (q *QEMU) Booted(ctx context.Context) error {
	if _, _, err := q.console.command(ctx, ""); err != nil {
		return fmt.Errorf("wait until the virtual machine has booted: %w", err)
	}
	return nil
}

// Run runs one line of busybox shell in the guest, after it has booted, and
// returns what it printed on both outputs. The error tells of an exit status
// other than zero.
func (q *QEMU) Run(ctx context.Context, line string) (string, error) {
	if strings.ContainsAny(line, "\n\r") {
		return "", fmt.Errorf("run in virtual machine: %q is more than one line", line)
	}
	out, end, err := q.console.command(ctx, line)
	if err != nil {
		return "", fmt.Errorf("run %q in virtual machine: %w", line, err)
	}
	_, status, _ := cutLast(end, ".")
	if status != "0" {
		return out, fmt.Errorf("run %q in virtual machine: exit status %s: %s", line, status, strings.TrimSpace(out))
	}
	return out, nil
}

// Ping sends one echo request to addr and returns an error if no reply came
// within two seconds.
func (q *QEMU) Ping(ctx context.Context, addr netip.Addr) error {
	_, err := q.Run(ctx, "ping -c 1 -W 2 "+addr.String())
	return err
}

// Kill ends the machine as a crash of QEMU would: its socket stays behind.
func (q *QEMU) Kill() error {
	if q.conn != nil {
		defer q.conn.Close()
	}
	if q.cmd == nil {
		return nil
	}
	return q.cmd.Kill()
}

// Close shuts QEMU down in good order and removes the guest's socket. A second
// call does nothing.
func (q *QEMU) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout) //nolint:forbidigo // closing has to end also when the caller has ended
	defer cancel()
	return errors.Join(q.cmd.Stop(ctx), q.Kill(), q.removeFiles())
}

func (q *QEMU) removeFiles() error {
	var errs []error
	for _, f := range q.files {
		if err := os.Remove(f); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

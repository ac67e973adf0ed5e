package openflow

import "strconv"

// String is the group as a line of ovs-ofctl dump-groups, without the space
// before it (lib/ofp-group.c, ofputil_group_format, OVS 3.1).
func (g GroupEntry) String() string {
	var p printer
	p.f("group_id=%d,type=%s", g.ID, g.Type)
	if g.Method.Name != "" {
		p.f(",selection_method=%s", g.Method.Name)
		if g.Method.Param != 0 {
			p.f(",selection_method_param=%d", g.Method.Param)
		}
		g.Method.text(&p)
	}
	for i := range g.Buckets {
		p.f(",bucket=%s", g.Buckets[i].text(g.Type))
	}
	if g.Unknown != "" {
		p.f(",raw(0x%x)", g.Unknown)
	}
	return p.String()
}

// text prints the fields: one alone where its mask is whole.
func (s *Selection) text(p *printer) {
	fields := s.sorted()
	switch len(fields) {
	case 0:
	case 1:
		p.f(",fields=%s", hashed(fields[0]))
	default:
		p.f(",fields(")
		for i, f := range fields {
			if i > 0 {
				p.f(",")
			}
			p.f("%s", hashed(f))
		}
		p.f(")")
	}
}

// hashed prints the name, and what is hashed of the field where that is not all.
func hashed(v FieldValue) string {
	for _, b := range v.value[:v.size] {
		if b != 0xff {
			return v.String()
		}
	}
	return v.field.String()
}

// text prints as ofputil_bucket_format.
func (w *Bucket) text(t GroupType) string {
	var p printer
	p.f("bucket_id:%d,", w.ID)
	if t == GroupSelect && w.Weight != 1 || t != GroupSelect && w.Weight != 0 {
		p.f("weight:%d,", w.Weight)
	}
	if w.WatchPort != 0 {
		p.f("watch_port:%s,", w.WatchPort)
	}
	if w.WatchGroup != 0 {
		p.f("watch_group:%d,", w.WatchGroup)
	}
	if w.Unknown != "" {
		p.f("raw(0x%x),", w.Unknown)
	}
	p.f("actions=%s", w.Actions)
	return p.String()
}

// String is the word of ovs-ofctl.
func (t GroupType) String() string {
	names := [...]string{"all", "select", "indirect", "ff"}
	if int(t) < len(names) {
		return names[t]
	}
	return strconv.Itoa(int(t))
}

// String names what is to happen to which group.
func (m *GroupMod) String() string {
	words := map[GroupCommand]string{
		GroupAdd: "add", GroupModify: "modify", GroupDelete: "delete",
		GroupInsertBucket: "insert bucket into", GroupRemoveBucket: "remove bucket from",
	}
	if m.Command == GroupDelete || m.Command == GroupRemoveBucket {
		return words[m.Command] + " group " + strconv.FormatUint(uint64(m.Group.ID), 10)
	}
	return words[m.Command] + " group " + m.Group.String()
}

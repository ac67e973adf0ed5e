package unixctl

// LimitReplies sets the longest reply that c accepts, which is MaxReply else.
func (c *Client) LimitReplies(bytes int64) { c.limit = bytes }

package s3api

// HoldUpload makes the completion of an upload wait until release is called.
func (s *Server) HoldUpload(id string) (release func()) {
	lock := s.lockOfUpload(id)
	lock.Lock()
	return lock.Unlock
}

package resource

import "regexp"

var roleARN = regexp.MustCompile(`^arn:[a-z\d-]+:iam::(\d{12}):role/[\w+=,.@/-]+$`)

// checkRole checks that the ARN is that of an IAM role of the caller's account
// (contract 2.12). Whether the role exists is for the object store to say.
func (s *Service) checkRole(c Caller, member, arn string) *Error {
	m := roleARN.FindStringSubmatch(arn)
	if m == nil {
		return Errorf(InvalidInput, "The %s '%s' is not the ARN of an IAM role: expected arn:aws:iam::%s:role/<name>", member, arn, c.Account)
	}
	if m[1] != c.Account && !s.anyRole {
		return Errorf(InvalidInput, "The %s '%s' is a role of the account %s; it must be one of your account %s", member, arn, m[1], c.Account)
	}
	return nil
}

// checkEncryption checks the role of an EncryptionConfig.
func (s *Service) checkEncryption(c Caller, e *Encryption) *Error {
	if e == nil {
		return nil
	}
	return s.checkRole(c, "EncryptionConfig.RoleArn", e.RoleARN)
}

// checkFormat checks a file format; "" is CSV.
func checkFormat(member, format string) *Error {
	switch format {
	case "", "CSV", "PARQUET":
		return nil
	default:
		return Errorf(InvalidInput, "The %s '%s' is unknown; it must be CSV or PARQUET", member, format)
	}
}

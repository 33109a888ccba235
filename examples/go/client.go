// A client of a CALE edge, in Go 1.19 or later, with its standard library only.
//
//	go build client.go
//	CALE_BASIC=alice:wonderland ./client http://127.0.0.1:8787 /resource
//	./client http://127.0.0.1:8787 /echo hello
//
// The first run registers, and keeps private key and GUID in cale.json for later runs in the same folder.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	accountFile = "cale.json"
	timeout     = 30 * time.Second
)

// The project's own object identifiers are too long for asn1.ObjectIdentifier, and so a certificate with them for
// x509.ParseCertificate. These are in DER.
var (
	arc            = "\xc8\xb1\xa2\xc6\xbe\x84\xe2\xbe\xa7\x9b\xd8\x85\xea\xe0\xf2\xb9\xb2\x30" // of 2.25.48108031935660549309458286867817322800
	whoamiPurpose  = "\x06\x15\x69" + arc + "\x01\x01"
	nonceType      = "\x06\x15\x69" + arc + "\x02\x01"
	extKeyUsage    = "\x06\x03\x55\x1d\x25"
	subjectAltName = "\x06\x03\x55\x1d\x11"
)

var (
	errUnreadable   = errors.New("The answer cannot be opened: the credential was revoked or is not known, or the answer was altered.")
	errNotSigned    = errors.New("The answer is not signed by an origin of the authority, for this request and this key.")
	errNotCertified = errors.New("The certificate of whoami is not one of the authority, for this key and this request.")
)

// account is what the file keeps.
type account struct {
	Edge        string   `json:"edge"`
	GUID        string   `json:"guid"`
	Key         []byte   `json:"key"` // SEC 1
	Authorities []string `json:"authorities"`
	Origins     []string `json:"origins"`
}

type client struct {
	account
	key   *ecdsa.PrivateKey
	keyID string
}

type field struct{ name, value string }

// answer is what the API answered. Names of fields are in lower case.
type answer struct {
	status  int
	fields  []field
	content []byte
}

// register makes a P-256 key and registers it.
func register(edge, userAndPassword string) (*client, error) {
	text, err := send(edge+"/.well-known/cale", nil, nil)
	if err != nil {
		return nil, err
	}
	var document struct {
		AuthorityCertificates, OriginCertificates []string
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := x509.CertificateRequest{Subject: pkix.Name{CommonName: "Go"}}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &template, key)
	if err != nil {
		return nil, err
	}
	sealed, err := send(edge+"/registration", map[string]string{
		"Authorization": "Basic " + encode(userAndPassword),
		"Content-Type":  "application/pkcs10",
	}, csr)
	if err != nil {
		return nil, err
	}
	guid, err := openAnswer(key, sealed)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return newClient(account{edge, string(guid), der, document.AuthorityCertificates, document.OriginCertificates})
}

func newClient(of account) (*client, error) {
	key, err := x509.ParseECPrivateKey(of.Key)
	if err != nil {
		return nil, err
	}
	// subjectKeyIdentifier by method 1 of RFC 5280 4.2.1.2.
	id := sha1.Sum(elliptic.Marshal(key.Curve, key.X, key.Y))
	return &client{of, key, encodeURL(id[:])}, nil
}

// ask gets an answer that an origin of the authority signed for this request. With content it is a POST.
func (c *client) ask(path string, fields map[string]string, content []byte) (answer, error) {
	sent := map[string]string{"CALE-Nonce": newNonce(), "CALE-Accept": "message/bhttp"}
	for name, value := range fields {
		sent[name] = value
	}
	opened, err := c.open(path, sent, content)
	if err != nil {
		return answer{}, err
	}
	found, err := parseBinaryHTTP(opened)
	if err != nil {
		return answer{}, errUnreadable
	}
	method := http.MethodGet
	if content != nil {
		method = http.MethodPost
	}
	request := map[string]string{
		"@method":     method,
		"@target-uri": c.Edge + path,
		"cale-nonce":  sent["CALE-Nonce"],
		"cale-key":    c.keyID,
	}
	if err := c.verifyAnswer(found, request); err != nil {
		return answer{}, errNotSigned
	}
	return found, nil
}

// open gets the content of a sealed answer. It is not known who made it.
func (c *client) open(path string, fields map[string]string, content []byte) ([]byte, error) {
	sent := map[string]string{"CALE-GUID": c.GUID}
	for name, value := range fields {
		sent[name] = value
	}
	sealed, err := send(c.Edge+path, sent, content)
	if err != nil {
		return nil, err
	}
	return openAnswer(c.key, sealed)
}

// write is a POST that is signed by the registered key (RFC 9421).
func (c *client) write(path string, content []byte, contentType string) (answer, error) {
	nonce, digest := newNonce(), digestOf(content)
	covered := `("@method" "@target-uri" "cale-nonce" "content-digest" "content-type")`
	parameters := fmt.Sprintf(`%s;keyid="%s";tag="cale-request"`, covered, c.keyID)
	base := strings.Join([]string{
		`"@method": POST`,
		`"@target-uri": ` + c.Edge + path,
		`"cale-nonce": ` + nonce,
		`"content-digest": ` + digest,
		`"content-type": ` + contentType,
		`"@signature-params": ` + parameters,
	}, "\n")
	hash := sha256.Sum256([]byte(base))
	r, s, err := ecdsa.Sign(rand.Reader, c.key, hash[:])
	if err != nil {
		return answer{}, err
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return c.ask(path, map[string]string{
		"CALE-Nonce":      nonce,
		"Content-Type":    contentType,
		"Content-Digest":  digest,
		"Signature-Input": "cale=" + parameters,
		"Signature":       "cale=:" + encode(string(signature)) + ":",
	}, content)
}

// whoami tells organisation, scopes and owner, which an authority certifies for this key and this request.
func (c *client) whoami() (string, error) {
	nonce := newNonce()
	text, err := c.open("/whoami", map[string]string{"CALE-Nonce": nonce}, nil)
	if err != nil {
		return "", err
	}
	names, err := c.certifiedNames(text, nonce)
	if err != nil {
		return "", errNotCertified
	}
	return names, nil
}

// A certificate as far as whoami needs it (RFC 5280 4.1).
type certificate struct {
	TBS       tbsCertificate
	Algorithm asn1.RawValue
	Signature asn1.BitString
}
type tbsCertificate struct {
	Raw                             asn1.RawContent
	Version                         int `asn1:"explicit,tag:0"`
	Serial                          *big.Int
	Algorithm                       asn1.RawValue
	Issuer, Validity, Subject, SPKI asn1.RawValue
	Extensions                      []struct {
		Type     asn1.RawValue
		Critical bool `asn1:"optional"`
		Value    []byte
	} `asn1:"explicit,tag:3"`
}

func (c *client) certifiedNames(text []byte, nonce string) (string, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return "", errNotCertified
	}
	var found certificate
	if err := unmarshal(block.Bytes, &found, ""); err != nil {
		return "", err
	}
	extensions := map[string][]byte{}
	for _, each := range found.TBS.Extensions {
		extensions[string(each.Type.FullBytes)] = each.Value
	}
	purpose, err := asn1.Marshal([]asn1.RawValue{{FullBytes: []byte(whoamiPurpose)}})
	if err != nil {
		return "", err
	}
	ia5, err := asn1.MarshalWithParams(nonce, "ia5")
	if err != nil {
		return "", err
	}
	spki, err := x509.MarshalPKIXPublicKey(&c.key.PublicKey)
	if err != nil {
		return "", err
	}
	isCertified := c.hasIssued(found) &&
		bytes.Equal(found.TBS.SPKI.FullBytes, spki) &&
		bytes.Equal(extensions[extKeyUsage], purpose) &&
		bytes.Equal(extensions[nonceType], ia5)
	if !isCertified {
		return "", errNotCertified
	}
	// GeneralNames of one directoryName.
	var names struct{ DirectoryName asn1.RawValue }
	if err := unmarshal(extensions[subjectAltName], &names, ""); err != nil {
		return "", err
	}
	var name pkix.RDNSequence
	if err := unmarshal(names.DirectoryName.Bytes, &name, ""); err != nil {
		return "", err
	}
	return name.String(), nil
}

// hasIssued tells whether one of the authorities signed a certificate.
func (c *client) hasIssued(found certificate) bool {
	for _, text := range c.Authorities {
		authority, err := parseCertificate(text)
		if err != nil || !bytes.Equal(authority.RawSubject, found.TBS.Issuer.FullBytes) {
			continue
		}
		algorithm := x509.SHA256WithRSA
		if key, isEC := authority.PublicKey.(*ecdsa.PublicKey); isEC {
			algorithm = map[int]x509.SignatureAlgorithm{
				256: x509.ECDSAWithSHA256, 384: x509.ECDSAWithSHA384, 521: x509.ECDSAWithSHA512,
			}[key.Params().BitSize]
		}
		if authority.CheckSignature(algorithm, found.TBS.Raw, found.Signature.RightAlign()) == nil {
			return true
		}
	}
	return false
}

// AuthEnvelopedData (RFC 5083) with AES-GCM (RFC 5084).
type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content struct {
		Version    int
		Recipients asn1.RawValue
		Encrypted  struct {
			Type      asn1.ObjectIdentifier
			Algorithm struct {
				Algorithm  asn1.ObjectIdentifier
				Parameters struct {
					Nonce   []byte
					TagSize int `asn1:"optional,default:12"`
				}
			}
			Content []byte `asn1:"tag:0"`
		}
		Tag []byte
	} `asn1:"explicit,tag:0"`
}

// keyAgreeRecipientInfo is a recipient with an EC key (RFC 5753 3.1.1), a choice by the tag 1.
type keyAgreeRecipientInfo struct {
	Version    int
	Originator asn1.RawValue `asn1:"explicit,tag:0"`
	Encryption struct {
		Algorithm asn1.ObjectIdentifier
		Wrap      asn1.RawValue
	}
	Keys []struct {
		Recipient asn1.RawValue
		Encrypted []byte
	}
}

// originatorKey is a choice by the tag 1 too.
type originatorKey struct {
	Algorithm asn1.RawValue
	Point     asn1.BitString
}

// sharedInfo is ECC-CMS-SharedInfo (RFC 5753 7.2).
type sharedInfo struct {
	Wrap asn1.RawValue
	Bits []byte `asn1:"explicit,tag:2"`
}

// keySizes are those of AES-GCM, in bytes.
var keySizes = map[string]int{"2.16.840.1.101.3.4.1.6": 16, "2.16.840.1.101.3.4.1.46": 32}

// openAnswer opens what is sealed to a P-256 key. One error for all: a forger must not learn how far a message came.
func openAnswer(key *ecdsa.PrivateKey, der []byte) ([]byte, error) {
	content, err := decrypt(key, der)
	if err != nil {
		return nil, errUnreadable
	}
	return content, nil
}

func decrypt(key *ecdsa.PrivateKey, der []byte) ([]byte, error) {
	var info contentInfo
	if err := unmarshal(der, &info, ""); err != nil {
		return nil, err
	}
	message := info.Content
	algorithm := message.Encrypted.Algorithm
	size, isKnown := keySizes[algorithm.Algorithm.String()]
	var recipient keyAgreeRecipientInfo
	if err := unmarshal(message.Recipients.Bytes, &recipient, "tag:1"); err != nil {
		return nil, err
	}
	var originator originatorKey
	if err := unmarshal(recipient.Originator.Bytes, &originator, "tag:1"); err != nil {
		return nil, err
	}
	x, y := elliptic.Unmarshal(key.Curve, originator.Point.RightAlign())
	if x == nil || !isKnown || len(recipient.Keys) != 1 {
		return nil, errUnreadable
	}
	secret, _ := key.Curve.ScalarMult(x, y, key.D.Bytes())
	bits := binary.BigEndian.AppendUint32(nil, uint32(8*size))
	shared, err := asn1.Marshal(sharedInfo{recipient.Encryption.Wrap, bits})
	if err != nil {
		return nil, err
	}
	// The key derivation of X9.63 with SHA-256, of which one block is enough.
	wrappingKey := sha256.Sum256(append(append(secret.FillBytes(make([]byte, 32)), 0, 0, 0, 1), shared...))
	contentKey, err := unwrap(wrappingKey[:size], recipient.Keys[0].Encrypted)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(contentKey)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := algorithm.Parameters.Nonce
	if len(nonce) != gcm.NonceSize() || len(message.Tag) != gcm.Overhead() {
		return nil, errUnreadable
	}
	return gcm.Open(nil, nonce, append(message.Encrypted.Content, message.Tag...), nil)
}

// unmarshal reads DER with nothing behind it.
func unmarshal(der []byte, into any, parameters string) error {
	rest, err := asn1.UnmarshalWithParams(der, into, parameters)
	if err == nil && len(rest) > 0 {
		return errors.New("something behind the end")
	}
	return err
}

// unwrap undoes the AES key wrap (RFC 3394 2.2.2).
func unwrap(key, wrapped []byte) ([]byte, error) {
	n := len(wrapped)/8 - 1
	if n < 1 || len(wrapped)%8 != 0 {
		return nil, errUnreadable
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	a, r := append([]byte{}, wrapped[:8]...), append([]byte{}, wrapped[8:]...)
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			t := binary.BigEndian.Uint64(a) ^ uint64(n*j+i)
			b := binary.BigEndian.AppendUint64(nil, t)
			b = append(b, r[8*i-8:8*i]...)
			block.Decrypt(b, b)
			copy(a, b[:8])
			copy(r[8*i-8:], b[8:])
		}
	}
	if subtle.ConstantTimeCompare(a, bytes.Repeat([]byte{0xa6}, 8)) != 1 {
		return nil, errUnreadable
	}
	return r, nil
}

// parseBinaryHTTP reads a known-length response (RFC 9292 3.2 and 3.5). Zeros follow it.
func parseBinaryHTTP(message []byte) (found answer, err error) {
	reader := bytes.NewReader(message)
	if framing, err := number(reader); err != nil || framing != 1 {
		return found, errUnreadable
	}
	for found.status < 200 {
		if found.status, err = number(reader); err != nil {
			return found, err
		}
		section, err := part(reader)
		if err != nil {
			return found, err
		}
		found.fields = nil
		for fields := bytes.NewReader(section); fields.Len() > 0; {
			name, err := part(fields)
			if err != nil {
				return found, err
			}
			value, err := part(fields)
			if err != nil {
				return found, err
			}
			found.fields = append(found.fields, field{string(name), strings.Trim(string(value), " \t")})
		}
	}
	found.content, err = part(reader)
	return found, err
}

// number reads an integer of variable length (RFC 9000 16).
func number(reader *bytes.Reader) (int, error) {
	first, err := reader.ReadByte()
	if err != nil {
		return 0, err
	}
	value := uint64(first & 0x3f)
	for more := 1<<(first>>6) - 1; more > 0; more-- {
		next, err := reader.ReadByte()
		if err != nil {
			return 0, err
		}
		value = value<<8 | uint64(next)
	}
	return int(value), nil
}

func part(reader *bytes.Reader) ([]byte, error) {
	size, err := number(reader)
	if err != nil || size < 0 || size > reader.Len() {
		return nil, errUnreadable
	}
	bytes := make([]byte, size)
	_, err = io.ReadFull(reader, bytes)
	return bytes, err
}

var signatureInput = regexp.MustCompile(`^cale=(\(([^()]*)\);keyid="([\w-]+)";alg="ecdsa-p256-sha256";tag="cale-answer")$`)

// verifyAnswer verifies that an origin signed all of the answer, for this request (RFC 9421 with ;req).
func (c *client) verifyAnswer(found answer, request map[string]string) error {
	values := map[string][]string{}
	for _, each := range found.fields {
		values[each.name] = append(values[each.name], each.value)
	}
	input := signatureInput.FindStringSubmatch(strings.Join(values["signature-input"], ", "))
	if input == nil || len(values["signature"]) != 1 {
		return errNotSigned
	}
	signature, err := base64.StdEncoding.DecodeString(strings.Trim(strings.TrimPrefix(values["signature"][0], "cale="), ":"))
	if err != nil || len(signature) != 64 {
		return errNotSigned
	}
	delete(values, "signature-input")
	delete(values, "signature")

	needed := map[string]bool{`"@status"`: true, `"content-digest"`: true}
	for name := range values {
		needed[`"`+name+`"`] = true
	}
	for name := range request {
		needed[`"`+name+`";req`] = true
	}
	var base strings.Builder
	for _, component := range strings.Split(input[2], " ") {
		quoted, flag, _ := strings.Cut(component, ";")
		name := strings.Trim(quoted, `"`)
		lines, value := values[name], ""
		switch {
		case flag == "req":
			value, quoted = request[name], component
		case flag == "bs":
			for at, each := range lines {
				if at > 0 {
					value += ", "
				}
				value += ":" + encode(each) + ":"
			}
		case name == "@status":
			value = strconv.Itoa(found.status)
		default:
			value = strings.Join(lines, ", ")
		}
		fmt.Fprintf(&base, "%s: %s\n", component, value)
		delete(needed, quoted)
	}
	base.WriteString(`"@signature-params": ` + input[1])
	if len(needed) > 0 || strings.Join(values["content-digest"], ", ") != digestOf(found.content) {
		return errNotSigned
	}

	key, err := c.originKey(input[3])
	if err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(base.String()))
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if !ecdsa.Verify(key, hash[:], r, s) {
		return errNotSigned
	}
	return nil
}

// originKey finds the key of an origin that an authority certified for signing.
func (c *client) originKey(keyID string) (*ecdsa.PublicKey, error) {
	for _, text := range c.Origins {
		origin, err := parseCertificate(text)
		if err != nil {
			return nil, err
		}
		key, isEC := origin.PublicKey.(*ecdsa.PublicKey)
		now := time.Now()
		isInTime := now.After(origin.NotBefore) && now.Before(origin.NotAfter)
		isForSigning := !origin.IsCA && len(origin.ExtKeyUsage) == 1 && origin.ExtKeyUsage[0] == x509.ExtKeyUsageServerAuth
		if isEC && isInTime && isForSigning && encodeURL(origin.SubjectKeyId) == keyID && c.isAuthorized(origin) {
			return key, nil
		}
	}
	return nil, errNotSigned
}

func (c *client) isAuthorized(origin *x509.Certificate) bool {
	for _, text := range c.Authorities {
		authority, err := parseCertificate(text)
		if err == nil && origin.CheckSignatureFrom(authority) == nil {
			return true
		}
	}
	return false
}

func parseCertificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}

// A redirect would send the GUID elsewhere.
var httpClient = &http.Client{
	Timeout:       timeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send returns the body of the edge's answer. With content it is a POST.
func send(url string, fields map[string]string, content []byte) ([]byte, error) {
	method := http.MethodGet
	var body io.Reader
	if content != nil {
		method, body = http.MethodPost, bytes.NewReader(content)
	}
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/pkcs7-mime")
	for name, value := range fields {
		request.Header.Set(name, value)
	}
	response, err := httpClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be reached: %w", url, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be reached: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d: %s", url, response.StatusCode, text)
	}
	return text, nil
}

func newNonce() string {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		panic(err)
	}
	return fmt.Sprintf("%d.%s", time.Now().Unix(), encodeURL(random))
}

func digestOf(content []byte) string {
	hash := sha256.Sum256(content)
	return "sha-256=:" + encode(string(hash[:])) + ":"
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func encodeURL(bytes []byte) string { return base64.RawURLEncoding.EncodeToString(bytes) }

// loadOrRegister gives the account of cale.json, which the first run writes.
func loadOrRegister(edge string) (*client, error) {
	text, err := os.ReadFile(accountFile)
	if err == nil {
		var kept account
		if err := json.Unmarshal(text, &kept); err != nil {
			return nil, err
		}
		if kept.Edge != edge {
			return nil, fmt.Errorf("%s is of %s: remove it, or work in another folder.", accountFile, kept.Edge)
		}
		return newClient(kept)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	basic := os.Getenv("CALE_BASIC")
	if basic == "" {
		return nil, fmt.Errorf("There is no %s: set CALE_BASIC=user:password to register.", accountFile)
	}
	registered, err := register(edge, basic)
	if err != nil {
		return nil, err
	}
	names, err := registered.whoami()
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(os.Stderr, "Registered:", names)
	if text, err = json.Marshal(registered.account); err != nil {
		return nil, err
	}
	return registered, os.WriteFile(accountFile, text, 0o600)
}

func run(edge, path string, content []string) error {
	client, err := loadOrRegister(strings.TrimRight(edge, "/"))
	if err != nil {
		return err
	}
	var found answer
	if len(content) == 0 {
		found, err = client.ask(path, nil, nil)
	} else {
		found, err = client.write(path, []byte(content[0]), "text/plain")
	}
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", found.content)
	if found.status >= 400 {
		return fmt.Errorf("The API answered %d.", found.status)
	}
	return nil
}

func main() {
	arguments := os.Args[1:]
	if len(arguments) < 2 || len(arguments) > 3 {
		fmt.Fprintln(os.Stderr, "Usage: client.go EDGE PATH [CONTENT]")
		os.Exit(2)
	}
	if err := run(arguments[0], arguments[1], arguments[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

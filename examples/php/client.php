<?php
/**
 * A client of a CALE edge, in PHP 8.1 or later with its openssl extension.
 *
 *     CALE_BASIC=alice:wonderland php client.php http://127.0.0.1:8787 /resource
 *     php client.php http://127.0.0.1:8787 /echo hello
 *
 * The first run registers, and keeps private key and GUID in cale.json for later runs in the same folder.
 */

declare(strict_types=1);

const ACCOUNT = 'cale.json';
const ID_KP_WHOAMI = '2.25.48108031935660549309458286867817322800.1.1';
const ID_PE_NONCE = '2.25.48108031935660549309458286867817322800.2.1';
const UNREADABLE = 'The answer cannot be opened: the credential was revoked or is not known, or the answer was altered.';
const NOT_SIGNED = 'The answer is not signed by an origin of the authority, for this request and this key.';
const NOT_CERTIFIED = 'The certificate of whoami is not one of the authority, for this key and this request.';

/** Its message is a sentence for the user. */
class CaleError extends Exception
{
}

/** Something is not as it has to be; each caller says what that means. */
class Fault extends Exception
{
}

/** What the API answered. Each field is a pair, the name in lower case, in the order of the message. */
class Answer
{
    public function __construct(public int $status, public array $fields, public string $content)
    {
    }
}

class Client
{
    private OpenSSLAsymmetricKey $key;
    private string $spki;
    private string $keyId;

    public function __construct(private array $account)
    {
        $this->key = openssl_pkey_get_private($account['key']);
        $this->spki = spki_of($this->key);
        $this->keyId = base64url(sha1(point_of($this->spki), true));
    }

    /** Makes a P-256 key and registers it. Returns the account, with the private key. */
    public static function register(string $edge, string $userAndPassword): array
    {
        $document = json_decode(send("$edge/.well-known/cale"), true, flags: JSON_THROW_ON_ERROR);
        $key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
        $fields = [
            'Authorization' => 'Basic ' . base64_encode($userAndPassword),
            'Content-Type' => 'application/pkcs10',
        ];
        $guid = open_answer($key, send("$edge/registration", $fields, encode_csr($key, 'PHP')));
        openssl_pkey_export($key, $pem);
        return [
            'edge' => $edge,
            'guid' => $guid,
            'key' => $pem,
            'authorities' => $document['authorityCertificates'],
            'origins' => $document['originCertificates'],
        ];
    }

    /** The Answer, which an origin of the authority signed for this request. With content it is a POST. */
    public function ask(string $path, array $fields = [], ?string $content = null): Answer
    {
        $fields += ['CALE-Nonce' => new_nonce(), 'CALE-Accept' => 'message/bhttp'];
        $opened = $this->open($path, $fields, $content);
        $request = [
            '@method' => $content === null ? 'GET' : 'POST',
            '@target-uri' => $this->account['edge'] . $path,
            'cale-nonce' => $fields['CALE-Nonce'],
            'cale-key' => $this->keyId,
        ];
        try {
            $answer = parse_binary_http($opened);
            $this->verify_answer($answer, $request);
        } catch (Fault $fault) {
            throw new CaleError(NOT_SIGNED, previous: $fault);
        }
        return $answer;
    }

    /** The content of a sealed answer. It is not known who made it. */
    public function open(string $path, array $fields, ?string $content = null): string
    {
        $sealed = send($this->account['edge'] . $path, ['CALE-GUID' => $this->account['guid']] + $fields, $content);
        return open_answer($this->key, $sealed);
    }

    /** A POST that is signed by the registered key (RFC 9421). */
    public function write(string $path, string $content, string $contentType): Answer
    {
        $covered = '("@method" "@target-uri" "cale-nonce" "content-digest" "content-type")';
        $parameters = "$covered;keyid=\"$this->keyId\";tag=\"cale-request\"";
        $fields = [
            'CALE-Nonce' => new_nonce(),
            'Content-Digest' => digest_of($content),
            'Content-Type' => $contentType,
        ];
        $base = implode("\n", [
            '"@method": POST',
            "\"@target-uri\": {$this->account['edge']}$path",
            "\"cale-nonce\": {$fields['CALE-Nonce']}",
            "\"content-digest\": {$fields['Content-Digest']}",
            "\"content-type\": $contentType",
            "\"@signature-params\": $parameters",
        ]);
        openssl_sign($base, $signature, $this->key, OPENSSL_ALGO_SHA256);
        // r and s in 32 bytes each, in place of DER.
        $numbers = array_map(fn ($each) => substr(str_repeat("\0", 32) . $each[1], -32), elements(elements($signature)[0][1]));
        $fields['Signature-Input'] = "cale=$parameters";
        $fields['Signature'] = 'cale=:' . base64_encode(implode($numbers)) . ':';
        return $this->ask($path, $fields, $content);
    }

    /** Owner, scopes and organisation, which an authority certifies for this key and this request. */
    public function whoami(): string
    {
        $nonce = new_nonce();
        $pem = $this->open('/whoami', ['CALE-Nonce' => $nonce]);
        $certificate = @openssl_x509_parse($pem) ?: throw new CaleError(NOT_CERTIFIED);
        $extensions = $certificate['extensions'];
        $isCertified = $this->is_issued($pem)
            && spki_of(openssl_pkey_get_public($pem)) === $this->spki
            && ($extensions['extendedKeyUsage'] ?? '') === ID_KP_WHOAMI
            && ($extensions[ID_PE_NONCE] ?? '') === der(0x16, $nonce);
        return $isCertified ? $extensions['subjectAltName'] : throw new CaleError(NOT_CERTIFIED);
    }

    /** Verifies that an origin signed all of the answer, for this request (RFC 9421 with ;req). */
    private function verify_answer(Answer $answer, array $request): void
    {
        $values = [];
        foreach ($answer->fields as [$name, $value]) {
            $values[$name][] = trim($value, " \t");
        }
        $form = '/^cale=(\(([^()]*)\);keyid="([\w-]+)";alg="ecdsa-p256-sha256";tag="cale-answer")$/D';
        if (!preg_match($form, implode(', ', $values['signature-input'] ?? []), $input)) {
            throw new Fault('another form');
        }
        [, $parameters, $covered, $keyId] = $input;
        $signature = base64_decode(preg_replace('/^cale=:|:$/D', '', implode($values['signature'] ?? [])));
        unset($values['signature-input'], $values['signature']);

        $needed = ['"@status"' => true, '"content-digest"' => true];
        foreach (array_keys($values) as $name) {
            $needed["\"$name\""] = true;
        }
        foreach (array_keys($request) as $name) {
            $needed["\"$name\";req"] = true;
        }
        $base = '';
        foreach (explode(' ', $covered) as $component) {
            [$quoted, $flag] = [...explode(';', $component, 2), ''];
            $name = trim($quoted, '"');
            $value = match (true) {
                $flag === 'req' => $request[$name] ?? '',
                $name === '@status' => (string) $answer->status,
                $flag === 'bs' => implode(', ', array_map(fn ($each) => ':' . base64_encode($each) . ':', $values[$name] ?? [])),
                default => implode(', ', $values[$name] ?? []),
            };
            $base .= "$component: $value\n";
            unset($needed[$flag === 'req' ? $component : $quoted]);
        }
        if ($needed !== [] || ($values['content-digest'] ?? []) !== [digest_of($answer->content)]) {
            throw new Fault('another answer, or not all of it');
        }
        $base .= "\"@signature-params\": $parameters";
        $origin = $this->origin_of($keyId);
        $numbers = array_map(fn ($each) => der(0x02, "\0" . $each), str_split($signature, 32));
        // A number in DER has no more zeros than it needs.
        $numbers = array_map(fn ($each) => der(0x02, shortest(elements($each)[0][1])), $numbers);
        if (openssl_verify($base, der(0x30, implode($numbers)), $origin, OPENSSL_ALGO_SHA256) !== 1) {
            throw new Fault('another signature');
        }
    }

    /** The key of an origin that the authority certified for signing. */
    private function origin_of(string $keyId): OpenSSLAsymmetricKey
    {
        foreach ($this->account['origins'] as $pem) {
            $origin = openssl_x509_parse($pem);
            $isInTime = $origin['validFrom_time_t'] <= time() && time() <= $origin['validTo_time_t'];
            $extensions = $origin['extensions'];
            $identifier = hex2bin(str_replace(':', '', $extensions['subjectKeyIdentifier']));
            $isForSigning = ($extensions['basicConstraints'] ?? '') === 'CA:FALSE'
                && $extensions['extendedKeyUsage'] === 'TLS Web Server Authentication';
            if (base64url($identifier) === $keyId && $isInTime && $isForSigning && $this->is_issued($pem)) {
                return openssl_pkey_get_public($pem);
            }
        }
        throw new Fault('no such origin');
    }

    private function is_issued(string $pem): bool
    {
        $issuer = openssl_x509_parse($pem)['issuer'];
        foreach ($this->account['authorities'] as $authority) {
            $isNamed = openssl_x509_parse($authority)['subject'] === $issuer;
            if ($isNamed && openssl_x509_verify($pem, openssl_pkey_get_public($authority)) === 1) {
                return true;
            }
        }
        return false;
    }
}

/** Opens AuthEnvelopedData (RFC 5083) that is sealed to a P-256 key (RFC 5753) with AES-GCM (RFC 5084). */
function open_answer(OpenSSLAsymmetricKey $key, string $der): string
{
    try {
        return decrypt($key, $der);
    } catch (Fault $fault) {
        // One error for all: a forger must not learn how far a message came.
        throw new CaleError(UNREADABLE, previous: $fault);
    }
}

function decrypt(OpenSSLAsymmetricKey $key, string $der): string
{
    // ContentInfo, its [0], and AuthEnvelopedData: version, recipientInfos, authEncryptedContentInfo, mac.
    [, $recipients, $encrypted, $mac] = children($der, 0, 1, 0) + array_fill(0, 4, ['', '', '']);
    // version, originator, keyEncryptionAlgorithm, recipientEncryptedKeys
    [, $originator, $scheme, $keys] = children($recipients[2], 0, 0) + array_fill(0, 4, ['', '', '']);
    $point = substr(children($originator[2], 0, 0)[1][1] ?? '', 1);
    $wrap = elements($scheme[1])[1][2] ?? '';
    $wrapped = children($keys[2], 0, 0)[1][1] ?? '';
    [, $algorithm, $ciphertext] = elements($encrypted[1]) + array_fill(0, 3, ['', '', '']);
    [$oid, $parameters] = elements($algorithm[1]) + array_fill(0, 2, ['', '', '']);
    $nonce = elements($parameters[1])[0][1] ?? '';

    // The last byte of id-aes128-GCM and id-aes256-GCM.
    $size = ['06' => 16, '2e' => 32][bin2hex(substr($oid[1], -1))] ?? throw new Fault('another cipher');
    $spki = spki_of($key);
    $ephemeral = pem_of('PUBLIC KEY', substr($spki, 0, -strlen(point_of($spki))) . $point);
    $secret = @openssl_pkey_derive($ephemeral, $key) ?: throw new Fault('not a point');
    // ECC-CMS-SharedInfo (RFC 5753 7.2), in the key derivation of X9.63 with SHA-256, of which one block is enough.
    $sharedInfo = der(0x30, $wrap . der(0xa2, der(0x04, pack('N', 8 * $size))));
    $wrappingKey = substr(hash('sha256', "$secret\0\0\0\1$sharedInfo", true), 0, $size);
    $contentKey = unwrap($wrappingKey, $wrapped);
    $cipher = 'aes-' . 8 * $size . '-gcm';
    if (strlen($nonce) !== 12 || strlen($mac[1]) !== 16) {
        throw new Fault('another form');
    }
    $content = openssl_decrypt($ciphertext[1], $cipher, $contentKey, OPENSSL_RAW_DATA, $nonce, $mac[1]);
    return $content === false ? throw new Fault('altered') : $content;
}

/** Undoes the AES key wrap (RFC 3394 2.2.2). */
function unwrap(string $key, string $wrapped): string
{
    $blocks = str_split($wrapped, 8);
    $n = count($blocks) - 1;
    if ($n < 2 || strlen($wrapped) % 8 !== 0) {
        throw new Fault('not a wrapped key');
    }
    $cipher = 'aes-' . 8 * strlen($key) . '-ecb';
    for ($t = 6 * $n; $t > 0; $t--) {
        $i = ($t - 1) % $n + 1;
        $input = ($blocks[0] ^ pack('J', $t)) . $blocks[$i];
        $output = openssl_decrypt($input, $cipher, $key, OPENSSL_RAW_DATA | OPENSSL_ZERO_PADDING);
        [$blocks[0], $blocks[$i]] = str_split($output, 8);
    }
    $check = array_shift($blocks);
    return hash_equals(str_repeat("\xa6", 8), $check) ? implode($blocks) : throw new Fault('another key');
}

/** Reads a known-length response (RFC 9292 3.2 and 3.5). Zeros follow it. */
function parse_binary_http(string $message): Answer
{
    $take = function (string &$bytes, int $size): string {
        if ($size > strlen($bytes)) {
            throw new Fault('an end within');
        }
        $taken = substr($bytes, 0, $size);
        $bytes = substr($bytes, $size);
        return $taken;
    };
    // An integer of variable length (RFC 9000 16).
    $number = function (string &$bytes) use ($take): int {
        $first = ord($take($bytes, 1));
        return hexdec(bin2hex(chr($first & 0x3f) . $take($bytes, (1 << ($first >> 6)) - 1)));
    };
    $part = function (string &$bytes) use ($take, $number): string {
        return $take($bytes, $number($bytes));
    };
    if ($number($message) !== 1) {
        throw new Fault('another framing');
    }
    do {
        $status = $number($message);
        $section = $part($message);
    } while ($status < 200);
    $fields = [];
    while ($section !== '') {
        $fields[] = [$part($section), $part($section)];
    }
    return new Answer($status, $fields, $part($message));
}

/** @return array of [tag, content, the whole encoding] */
function elements(string $der): array
{
    $found = [];
    for ($at = 0; $at < strlen($der); $at = $end) {
        $length = ord($der[$at + 1] ?? throw new Fault('not DER'));
        $start = $at + 2;
        if ($length >= 0x80) {
            $size = $length & 0x7f;
            $length = hexdec(bin2hex(substr($der, $start, $size)));
            $start += $size;
        }
        $end = $start + $length;
        if ($end > strlen($der)) {
            throw new Fault('not DER');
        }
        $found[] = [ord($der[$at]), substr($der, $start, $length), substr($der, $at, $end - $at)];
    }
    return $found;
}

/** The elements in the one that is reached by these places. */
function children(string $der, int ...$places): array
{
    $elements = elements($der);
    foreach ($places as $place) {
        $elements = elements($elements[$place][1] ?? throw new Fault('not of this form'));
    }
    return $elements;
}

function der(int $tag, string $content): string
{
    $length = strlen($content);
    if ($length < 0x80) {
        return chr($tag) . chr($length) . $content;
    }
    $bytes = ltrim(pack('N', $length), "\0");
    return chr($tag) . chr(0x80 | strlen($bytes)) . $bytes . $content;
}

/** Content of an INTEGER without the zeros that it does not need. */
function shortest(string $number): string
{
    $digits = ltrim($number, "\0");
    return $digits === '' || ord($digits[0]) >= 0x80 ? "\0$digits" : $digits;
}

/** A certification request (RFC 2986) with a commonName. */
function encode_csr(OpenSSLAsymmetricKey $key, string $device): string
{
    $name = der(0x30, der(0x31, der(0x30, "\x06\x03\x55\x04\x03" . der(0x0c, $device))));
    $info = der(0x30, "\x02\x01\x00" . $name . spki_of($key) . "\xa0\x00");
    openssl_sign($info, $signature, $key, OPENSSL_ALGO_SHA256);
    $ecdsaWithSha256 = der(0x30, "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
    return der(0x30, $info . $ecdsaWithSha256 . der(0x03, "\0$signature"));
}

/** DER of the SubjectPublicKeyInfo. */
function spki_of(OpenSSLAsymmetricKey $key): string
{
    return base64_decode(preg_replace('/-----[^-]+-----/', '', openssl_pkey_get_details($key)['key']));
}

/** Content of the subjectPublicKey BIT STRING. */
function point_of(string $spki): string
{
    return substr(children($spki, 0)[1][1], 1);
}

function pem_of(string $label, string $der): string
{
    return "-----BEGIN $label-----\n" . chunk_split(base64_encode($der), 64, "\n") . "-----END $label-----\n";
}

/** The body of the edge's answer. With content it is a POST. */
function send(string $url, array $fields = [], ?string $content = null): string
{
    $lines = ['Accept: application/pkcs7-mime'];
    foreach ($fields as $name => $value) {
        $lines[] = "$name: $value";
    }
    $http = ['header' => $lines, 'timeout' => 30, 'ignore_errors' => true, 'follow_location' => 0];
    $http += $content === null ? [] : ['method' => 'POST', 'content' => $content];
    $answer = @file_get_contents($url, false, stream_context_create(['http' => $http]));
    if ($answer === false) {
        throw new CaleError("$url cannot be reached.");
    }
    $status = explode(' ', $http_response_header[0])[1];
    return $status === '200' ? $answer : throw new CaleError("$url answered $status: $answer");
}

function new_nonce(): string
{
    return time() . '.' . base64url(random_bytes(16));
}

function digest_of(string $content): string
{
    return 'sha-256=:' . base64_encode(hash('sha256', $content, true)) . ':';
}

function base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/** The account of cale.json, which the first run writes. */
function load_or_register(string $edge): array
{
    if (file_exists(ACCOUNT)) {
        $account = json_decode(file_get_contents(ACCOUNT), true, flags: JSON_THROW_ON_ERROR);
        return $account['edge'] === $edge
            ? $account
            : throw new CaleError(ACCOUNT . " is of {$account['edge']}: remove it, or work in another folder.");
    }
    $basic = getenv('CALE_BASIC') ?: throw new CaleError('There is no ' . ACCOUNT . ': set CALE_BASIC=user:password to register.');
    $account = Client::register($edge, $basic);
    fwrite(STDERR, 'Registered: ' . (new Client($account))->whoami() . "\n");
    umask(0077);
    file_put_contents(ACCOUNT, json_encode($account, JSON_THROW_ON_ERROR));
    return $account;
}

try {
    [, $edge, $path, $content] = $argv + array_fill(0, 4, null);
    if ($path === null || count($argv) > 4) {
        throw new CaleError('Usage: client.php EDGE PATH [CONTENT]');
    }
    $client = new Client(load_or_register(rtrim($edge, '/')));
    $answer = $content === null ? $client->ask($path) : $client->write($path, $content, 'text/plain');
    echo $answer->content, "\n";
    if ($answer->status >= 400) {
        throw new CaleError("The API answered $answer->status.");
    }
} catch (CaleError $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}

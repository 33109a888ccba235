// A client of a CALE edge, in C# for .NET 8 or later, with its standard library and System.Formats.Asn1.
//
//     CALE_BASIC=alice:wonderland dotnet run -- http://127.0.0.1:8787 /resource
//     dotnet run -- http://127.0.0.1:8787 /echo hello
//
// The first run registers, and keeps private key and GUID in cale.json for later runs in the same folder.

using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

try
{
    if (args.Length is < 2 or > 3) throw new CaleException("Usage: Client EDGE PATH [CONTENT]");
    var client = await Client.LoadOrRegister(args[0].TrimEnd('/'));
    var answer = args.Length == 2
        ? await client.Ask(args[1])
        : await client.Write(args[1], Encoding.UTF8.GetBytes(args[2]), "text/plain");
    using (var output = Console.OpenStandardOutput()) output.Write(answer.Content);
    Console.WriteLine();
    if (answer.Status >= 400) throw new CaleException($"The API answered {answer.Status}.");
    return 0;
}
catch (CaleException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

/// <summary>Its message is a sentence for the user.</summary>
class CaleException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>What the file keeps. The key is PKCS #8 in PEM.</summary>
record Account(string Edge, string Guid, string Key, string[] Authorities, string[] Origins);

/// <summary>What the API answered. Names of fields are in lower case.</summary>
record Answer(int Status, List<(string Name, string Value)> Fields, byte[] Content);

class Client
{
    const string AccountFile = "cale.json";
    const string WhoamiPurpose = "2.25.48108031935660549309458286867817322800.1.1";
    const string NonceType = "2.25.48108031935660549309458286867817322800.2.1";
    const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    const string Unreadable =
        "The answer cannot be opened: the credential was revoked or is not known, or the answer was altered.";
    const string NotSigned = "The answer is not signed by an origin of the authority, for this request and this key.";
    const string NotCertified =
        "The certificate of whoami is not one of the authority, for this key and this request.";

    static readonly HttpClient Http = new(new HttpClientHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    readonly Account account;
    readonly ECDsa signing;
    readonly ECDiffieHellman agreeing;
    readonly string keyId;
    readonly X509Certificate2[] authorities;
    readonly X509Certificate2[] origins;

    Client(Account account)
    {
        this.account = account;
        signing = ECDsa.Create();
        signing.ImportFromPem(account.Key);
        agreeing = ECDiffieHellman.Create();
        agreeing.ImportFromPem(account.Key);
        keyId = Base64Url(SHA1.HashData(PointOf(signing.ExportSubjectPublicKeyInfo())));
        authorities = [.. account.Authorities.Select(pem => X509Certificate2.CreateFromPem(pem))];
        origins = [.. account.Origins.Select(pem => X509Certificate2.CreateFromPem(pem))];
    }

    /// <summary>Gives the account of cale.json, which the first run writes.</summary>
    public static async Task<Client> LoadOrRegister(string edge)
    {
        if (File.Exists(AccountFile))
        {
            var kept = JsonSerializer.Deserialize<Account>(File.ReadAllText(AccountFile))!;
            return kept.Edge == edge
                ? new Client(kept)
                : throw new CaleException($"{AccountFile} is of {kept.Edge}: remove it, or work in another folder.");
        }
        var basic = Environment.GetEnvironmentVariable("CALE_BASIC")
            ?? throw new CaleException($"There is no {AccountFile}: set CALE_BASIC=user:password to register.");
        var client = await Register(edge, basic);
        Console.Error.WriteLine($"Registered: {await client.Whoami()}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(AccountFile, options);
        JsonSerializer.Serialize(file, client.account);
        return client;
    }

    /// <summary>Makes a P-256 key and registers it.</summary>
    static async Task<Client> Register(string edge, string userAndPassword)
    {
        using var document = JsonDocument.Parse(await Send($"{edge}/.well-known/cale", []));
        string[] List(string name) => [.. document.RootElement.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var csr = new CertificateRequest("CN=.NET", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        Dictionary<string, string> fields = new()
        {
            ["Authorization"] = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword)),
            ["Content-Type"] = "application/pkcs10",
        };
        var answer = await Send($"{edge}/registration", fields, csr);
        var pem = key.ExportPkcs8PrivateKeyPem();
        using var agreeing = ECDiffieHellman.Create();
        agreeing.ImportFromPem(pem);
        var guid = Encoding.UTF8.GetString(OpenAnswer(agreeing, answer));
        return new Client(new Account(edge, guid, pem, List("authorityCertificates"), List("originCertificates")));
    }

    /// <summary>Gives an answer that an origin of the authority signed for this request. With content it is a POST.</summary>
    public async Task<Answer> Ask(string path, Dictionary<string, string>? fields = null, byte[]? content = null)
    {
        Dictionary<string, string> sent = new(fields ?? []) { ["CALE-Accept"] = "message/bhttp" };
        sent.TryAdd("CALE-Nonce", NewNonce());
        var opened = await Open(path, sent, content);
        Dictionary<string, string> request = new()
        {
            ["@method"] = content is null ? "GET" : "POST",
            ["@target-uri"] = account.Edge + path,
            ["cale-nonce"] = sent["CALE-Nonce"],
            ["cale-key"] = keyId,
        };
        try
        {
            var answer = ParseBinaryHttp(opened);
            return IsSigned(answer, request) ? answer : throw new CryptographicException("another signature");
        }
        catch (Exception error) when (error is not CaleException)
        {
            throw new CaleException(NotSigned, error);
        }
    }

    /// <summary>Gives the content of a sealed answer. It is not known who made it.</summary>
    async Task<byte[]> Open(string path, Dictionary<string, string> fields, byte[]? content = null) =>
        OpenAnswer(agreeing, await Send(account.Edge + path, new(fields) { ["CALE-GUID"] = account.Guid }, content));

    /// <summary>A POST that is signed by the registered key (RFC 9421).</summary>
    public Task<Answer> Write(string path, byte[] content, string contentType)
    {
        const string Covered = "(\"@method\" \"@target-uri\" \"cale-nonce\" \"content-digest\" \"content-type\")";
        var (nonce, digest) = (NewNonce(), DigestOf(content));
        var parameters = $"{Covered};keyid=\"{keyId}\";tag=\"cale-request\"";
        var signatureBase = string.Join('\n',
            "\"@method\": POST",
            $"\"@target-uri\": {account.Edge}{path}",
            $"\"cale-nonce\": {nonce}",
            $"\"content-digest\": {digest}",
            $"\"content-type\": {contentType}",
            $"\"@signature-params\": {parameters}");
        // r and s one after the other, which is what .NET gives where no format is named.
        var signature = signing.SignData(Encoding.UTF8.GetBytes(signatureBase), HashAlgorithmName.SHA256);
        return Ask(path, new()
        {
            ["CALE-Nonce"] = nonce,
            ["Content-Type"] = contentType,
            ["Content-Digest"] = digest,
            ["Signature-Input"] = $"cale={parameters}",
            ["Signature"] = $"cale=:{Convert.ToBase64String(signature)}:",
        }, content);
    }

    /// <summary>Owner, scopes and organisation, which an authority certifies for this key and this request.</summary>
    public async Task<string> Whoami()
    {
        var nonce = NewNonce();
        var pem = await Open("/whoami", new() { ["CALE-Nonce"] = nonce });
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
            var ia5 = new AsnWriter(AsnEncodingRules.DER);
            ia5.WriteCharacterString(UniversalTagNumber.IA5String, nonce);
            var isCertified = IsIssued(certificate)
                && certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(signing.ExportSubjectPublicKeyInfo())
                && PurposesOf(certificate) is [WhoamiPurpose]
                && certificate.Extensions[NonceType]?.RawData.AsSpan().SequenceEqual(ia5.Encode()) == true;
            if (!isCertified) throw new CryptographicException("another certificate");
            var names = new AsnReader(certificate.Extensions["2.5.29.17"]!.RawData, AsnEncodingRules.DER).ReadSequence();
            var directoryName = names.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 4)).ReadEncodedValue();
            return new X500DistinguishedName(directoryName.Span).Name;
        }
        catch (Exception error) when (error is CryptographicException or AsnContentException or ArgumentException)
        {
            throw new CaleException(NotCertified, error);
        }
    }

    /// <summary>
    /// Opens AuthEnvelopedData (RFC 5083) that is sealed to a P-256 key (RFC 5753) with AES-GCM (RFC 5084). EnvelopedCms of
    /// .NET knows neither: AsnReader reads the form.
    /// </summary>
    static byte[] OpenAnswer(ECDiffieHellman key, byte[] der)
    {
        try
        {
            return Decrypt(key, der);
        }
        catch (Exception error) when (error is CryptographicException or AsnContentException or ArgumentException)
        {
            // One error for all: a forger must not learn how far a message came.
            throw new CaleException(Unreadable, error);
        }
    }

    static byte[] Decrypt(ECDiffieHellman key, byte[] der)
    {
        var context = (int number) => new Asn1Tag(TagClass.ContextSpecific, number, isConstructed: true);
        var info = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        info.ReadObjectIdentifier();
        var message = info.ReadSequence(context(0)).ReadSequence();
        message.ReadInteger();
        var recipient = message.ReadSetOf().ReadSequence(context(1));
        recipient.ReadInteger();
        var originator = recipient.ReadSequence(context(0)).ReadSequence(context(1));
        originator.ReadSequence();
        var point = originator.ReadBitString(out _);
        var scheme = recipient.ReadSequence();
        scheme.ReadObjectIdentifier();
        var wrap = scheme.ReadEncodedValue();
        var wrapped = recipient.ReadSequence().ReadSequence();
        wrapped.ReadEncodedValue();
        var encryptedKey = wrapped.ReadOctetString();

        var encrypted = message.ReadSequence();
        encrypted.ReadObjectIdentifier();
        var algorithm = encrypted.ReadSequence();
        var size = algorithm.ReadObjectIdentifier() switch
        {
            "2.16.840.1.101.3.4.1.6" => 16,
            "2.16.840.1.101.3.4.1.46" => 32,
            _ => throw new CryptographicException("another cipher"),
        };
        var nonce = algorithm.ReadSequence().ReadOctetString();
        var ciphertext = encrypted.ReadOctetString(new Asn1Tag(TagClass.ContextSpecific, 0));
        var tag = message.ReadOctetString();

        // The same algorithm identifier with another point.
        var spki = key.PublicKey.ExportSubjectPublicKeyInfo();
        byte[] ephemeral = [.. spki[..^PointOf(spki).Length], .. point];
        using var other = ECDiffieHellman.Create();
        other.ImportSubjectPublicKeyInfo(ephemeral, out _);
        var secret = key.DeriveRawSecretAgreement(other.PublicKey);

        // ECC-CMS-SharedInfo (RFC 5753 7.2), in the key derivation of X9.63 with SHA-256, of which one block is enough.
        var bits = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bits, 8 * size);
        var shared = new AsnWriter(AsnEncodingRules.DER);
        using (shared.PushSequence())
        {
            shared.WriteEncodedValue(wrap.Span);
            using (shared.PushSequence(context(2))) shared.WriteOctetString(bits);
        }
        var wrappingKey = SHA256.HashData([.. secret, 0, 0, 0, 1, .. shared.Encode()])[..size];
        var content = new byte[ciphertext.Length];
        using var gcm = new AesGcm(Unwrap(wrappingKey, encryptedKey), tagSizeInBytes: 16);
        gcm.Decrypt(nonce, ciphertext, tag, content);
        return content;
    }

    /// <summary>Undoes the AES key wrap (RFC 3394 2.2.2).</summary>
    static byte[] Unwrap(byte[] key, byte[] wrapped)
    {
        var n = wrapped.Length / 8 - 1;
        if (n < 2 || wrapped.Length % 8 != 0) throw new CryptographicException("not a wrapped key");
        using var aes = Aes.Create();
        aes.Key = key;
        var a = wrapped[..8];
        var r = wrapped[8..];
        for (var t = 6 * n; t > 0; t--)
        {
            var at = 8 * ((t - 1) % n);
            var counted = BinaryPrimitives.ReadUInt64BigEndian(a) ^ (ulong)t;
            var block = new byte[16];
            BinaryPrimitives.WriteUInt64BigEndian(block, counted);
            r.AsSpan(at, 8).CopyTo(block.AsSpan(8));
            block = aes.DecryptEcb(block, PaddingMode.None);
            a = block[..8];
            block.AsSpan(8).CopyTo(r.AsSpan(at));
        }
        var isRight = CryptographicOperations.FixedTimeEquals(a, Enumerable.Repeat((byte)0xa6, 8).ToArray());
        return isRight ? r : throw new CryptographicException("another key");
    }

    /// <summary>Reads a known-length response (RFC 9292 3.2 and 3.5). Zeros follow it.</summary>
    static Answer ParseBinaryHttp(byte[] message)
    {
        var at = 0;
        // An integer of variable length (RFC 9000 16).
        int Number()
        {
            var size = 1 << (message[at] >> 6);
            long value = message[at++] & 0x3f;
            while (--size > 0) value = value << 8 | message[at++];
            return checked((int)value);
        }
        byte[] Part()
        {
            var size = Number();
            at += size;
            return message[(at - size)..at];
        }
        List<(string, string)> Fields()
        {
            var end = Number() + at;
            List<(string, string)> fields = [];
            while (at < end) fields.Add((Encoding.Latin1.GetString(Part()), Encoding.Latin1.GetString(Part()).Trim(' ', '\t')));
            return fields;
        }
        if (Number() != 1) throw new FormatException("another framing");
        var status = Number();
        for (; status < 200; status = Number()) Fields();
        return new Answer(status, Fields(), Part());
    }

    static readonly Regex SignatureInput = new(
        """^cale=(\(([^()]*)\);keyid="([\w-]+)";alg="(ecdsa-p256-sha256|ecdsa-p384-sha384)";tag="cale-answer")\z""");

    /// <summary>Tells whether an origin signed all of the answer, for this request (RFC 9421 with ;req).</summary>
    bool IsSigned(Answer answer, Dictionary<string, string> request)
    {
        var values = answer.Fields.ToLookup(field => field.Name, field => field.Value);
        var input = SignatureInput.Match(string.Join(", ", values["signature-input"]));
        if (!input.Success || values["signature"].Count() != 1) return false;
        var signature = Convert.FromBase64String(values["signature"].Single()["cale=:".Length..^1]);

        HashSet<string> needed = ["\"@status\"", "\"content-digest\""];
        foreach (var field in values.Where(each => each.Key is not ("signature" or "signature-input"))) needed.Add($"\"{field.Key}\"");
        foreach (var name in request.Keys) needed.Add($"\"{name}\";req");
        var text = new StringBuilder();
        foreach (var component in input.Groups[2].Value.Split(' '))
        {
            var parts = component.Split(';');
            var (quoted, flag) = (parts[0], parts.ElementAtOrDefault(1));
            var name = quoted.Trim('"');
            var value = flag switch
            {
                "req" => request[name],
                "bs" => string.Join(", ", values[name].Select(each => $":{Convert.ToBase64String(Encoding.Latin1.GetBytes(each))}:")),
                _ => name == "@status" ? answer.Status.ToString() : string.Join(", ", values[name]),
            };
            text.Append(component).Append(": ").Append(value).Append('\n');
            needed.Remove(flag == "req" ? component : quoted);
        }
        text.Append("\"@signature-params\": ").Append(input.Groups[1].Value);
        if (needed.Count > 0 || string.Join(", ", values["content-digest"]) != DigestOf(answer.Content)) return false;

        var origin = origins.FirstOrDefault(each =>
            each.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any(id => Base64Url(id.SubjectKeyIdentifierBytes.Span) == input.Groups[3].Value)
            && each.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => !constraints.CertificateAuthority)
            && PurposesOf(each) is [ServerAuth]
            && each.NotBefore <= DateTime.Now && DateTime.Now <= each.NotAfter
            && IsIssued(each));
        using var key = origin?.GetECDsaPublicKey();
        var hash = input.Groups[4].Value == "ecdsa-p384-sha384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
        return key?.VerifyData(Encoding.Latin1.GetBytes(text.ToString()), signature, hash) == true;
    }

    static string[] PurposesOf(X509Certificate2 certificate) =>
        [.. certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(each => each.EnhancedKeyUsages.Cast<Oid>()).Select(each => each.Value!)];

    /// <summary>Tells whether an authority signed a certificate. X509Chain is not asked: one for whoami has expired.</summary>
    bool IsIssued(X509Certificate2 certificate)
    {
        var outer = new AsnReader(certificate.RawData, AsnEncodingRules.DER).ReadSequence();
        var signed = outer.ReadEncodedValue();
        outer.ReadSequence();
        var signature = outer.ReadBitString(out _);
        foreach (var authority in authorities)
        {
            if (!authority.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)) continue;
            using var key = authority.GetECDsaPublicKey();
            using var rsa = authority.GetRSAPublicKey();
            var hash = key?.KeySize switch { 384 => HashAlgorithmName.SHA384, 521 => HashAlgorithmName.SHA512, _ => HashAlgorithmName.SHA256 };
            var isSigned = key?.VerifyData(signed.Span, signature, hash, DSASignatureFormat.Rfc3279DerSequence)
                ?? rsa?.VerifyData(signed.Span, signature, hash, RSASignaturePadding.Pkcs1);
            if (isSigned == true) return true;
        }
        return false;
    }

    /// <summary>Content of the subjectPublicKey BIT STRING of a SubjectPublicKeyInfo.</summary>
    static byte[] PointOf(byte[] spki)
    {
        var info = new AsnReader(spki, AsnEncodingRules.DER).ReadSequence();
        info.ReadSequence();
        return info.ReadBitString(out _);
    }

    /// <summary>The body of the edge's answer. With content it is a POST.</summary>
    static async Task<byte[]> Send(string url, Dictionary<string, string> fields, byte[]? content = null)
    {
        using var request = new HttpRequestMessage(content is null ? HttpMethod.Get : HttpMethod.Post, url);
        if (content is not null) request.Content = new ByteArrayContent(content);
        request.Headers.TryAddWithoutValidation("Accept", "application/pkcs7-mime");
        foreach (var (name, value) in fields)
        {
            // Content-Type and others are of the content.
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        try
        {
            using var response = await Http.SendAsync(request);
            var body = await response.Content.ReadAsByteArrayAsync();
            return response.StatusCode == HttpStatusCode.OK
                ? body
                : throw new CaleException($"{url} answered {(int)response.StatusCode}: {Encoding.UTF8.GetString(body)}");
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            throw new CaleException($"{url} cannot be reached: {error.Message}", error);
        }
    }

    static string NewNonce() => $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.{Base64Url(RandomNumberGenerator.GetBytes(16))}";

    static string DigestOf(byte[] content) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(content))}:";

    static string Base64Url(ReadOnlySpan<byte> bytes) =>
        Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

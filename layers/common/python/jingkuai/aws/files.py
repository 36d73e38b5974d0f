"""Files in S3: forms to upload with, links to download by, and streams. Keys hold ids only; a file's name lives in its item."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_SECONDS = 300
FORM_SECONDS = 600
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A presigned POST: send `fields` as they are, then the file, to `url`."""

    url: str
    fields: dict[str, str]


class Files:
    """S3 objects, by bucket and key."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def upload_form(
        self,
        bucket: str,
        key: str,
        *,
        content_type: str | None,
        size: int,
        sha256_base64: str | None = None,
        seconds: int = FORM_SECONDS,
    ) -> UploadForm:
        """A form bound to this key, size and, where given, type and checksum: S3 refuses anything else. AWS calls: 0."""
        fields = {} if content_type is None else {"Content-Type": content_type}
        if sha256_base64 is not None:
            fields |= {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": sha256_base64}
        bound: list[Any] = [{name: value} for name, value in fields.items()]
        bound.append(["content-length-range", size, size])
        form = self._client.generate_presigned_post(
            bucket, key, Fields=dict(fields), Conditions=bound, ExpiresIn=seconds
        )
        return UploadForm(form["url"], {str(name): str(value) for name, value in form["fields"].items()})

    def download_link(self, bucket: str, key: str, filename: str, *, seconds: int = LINK_SECONDS) -> str:
        """A link that saves the object under `filename`. AWS calls: 0."""
        disposition = f"attachment; filename*=UTF-8''{quote(filename)}"
        parameters = {"Bucket": bucket, "Key": key, "ResponseContentDisposition": disposition}
        return self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=seconds)

    def size(self, bucket: str, key: str) -> int | None:
        """Bytes of the object, or None where there is none. AWS calls: 1."""
        try:
            return int(self._client.head_object(Bucket=bucket, Key=key)["ContentLength"])
        except ClientError as failed:
            if failed.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise

    def get(self, bucket: str, key: str) -> bytes | None:
        """The whole object, or None where there is none. AWS calls: 1."""
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None

    def chunks(self, bucket: str, key: str) -> Iterator[bytes] | None:
        """The object piece by piece, never all of it in memory; None where there is none. AWS calls: 1."""
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(CHUNK)
        except self._client.exceptions.NoSuchKey:
            return None

    def download(self, bucket: str, key: str, into: IO[bytes]) -> None:
        """Copy the object into a file, in parts. AWS calls: 1 or more."""
        self._client.download_fileobj(bucket, key, into)

    def lines(self, bucket: str, key: str) -> Iterator[bytes]:
        """The object's lines, streamed. AWS calls: 1."""
        return iter(self._client.get_object(Bucket=bucket, Key=key)["Body"].iter_lines(chunk_size=65536))

    def put(
        self, bucket: str, key: str, body: bytes, *, content_type: str, tags: Mapping[str, str] | None = None
    ) -> None:
        """Write an object. AWS calls: 1."""
        self._client.put_object(
            Bucket=bucket, Key=key, Body=body, ContentType=content_type, Tagging=_tagging(tags or {})
        )

    def upload(self, bucket: str, key: str, source: IO[bytes], *, content_type: str) -> None:
        """Write an object from a file, in parts where it is large. AWS calls: 1 or more."""
        self._client.upload_fileobj(source, bucket, key, ExtraArgs={"ContentType": content_type})

    def tag(self, bucket: str, key: str, tags: Mapping[str, str]) -> None:
        """Replace an object's tags. AWS calls: 1."""
        wanted = [{"Key": name, "Value": value} for name, value in tags.items()]
        self._client.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": wanted})  # type: ignore[typeddict-item]

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object; nothing happens where there is none. AWS calls: 1."""
        self._client.delete_object(Bucket=bucket, Key=key)


def _tagging(tags: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in tags.items())

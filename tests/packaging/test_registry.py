"""Packages in a real registry, and what is said where it refuses, is gone, or has other bytes."""

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.core.verdicts import ExitCode
from mlops_ci.errors import IntegrityError, MlopsCiError, ServiceError
from mlops_ci.packaging.archive import pack
from mlops_ci.packaging.chain import LinkName, State
from mlops_ci.packaging.manifest import ImageName
from mlops_ci.packaging.oci_store import LAYER, OciStore, tag_of
from mlops_ci.stories.dvc_folders import DvcFolders
from mlops_ci.stories.package_store import image_finder, package_settings, store_for
from mlops_ci.stories.package_verify import verified
from mlops_ci.tools.git_remote import RefusedError
from mlops_ci.tools.http import Limits
from mlops_ci.tools.oci import OciRepository
from mlops_ci.tools.oci_login import Login
from tests.factories import lay
from tests.packaging.answering import asked_for_basic, silent_server, token_server
from tests.packaging.inside import Inside
from tests.packaging.registry import LOGINS, PASSWORD, USER, Registry, registry
from tests.packaging.team import Team
from tests.unit.packaging.parts import package

pytestmark = pytest.mark.slow
PACKAGE = package()
ARCHIVE = pack(PACKAGE)
QUICK = Limits(retries=1, pause=0.05, silence=1.0)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(tmp_path_factory.mktemp("registry")) as one:
        yield one


def store(there: Registry, name: str) -> tuple[OciStore, OciRepository]:
    repository = OciRepository(f"{there.host}/{name}", limits=QUICK)
    return OciStore(f"{there.host}/{name}", repository), repository


def test_a_package_is_an_artifact_whose_config_is_the_manifest(there: Registry) -> None:
    kept, repository = store(there, "team/one")
    archive = kept.keep(PACKAGE.manifest, ARCHIVE)
    assert (archive.store, archive.sha256) == (f"{there.host}/team/one", sha256(ARCHIVE).hexdigest())
    artifact: dict[str, Any] = json.loads(repository.manifest(PACKAGE.manifest.digest.value[:32]) or b"")
    assert artifact["config"]["digest"] == str(PACKAGE.manifest.digest)
    assert [one["mediaType"] for one in artifact["layers"]] == [LAYER]
    assert repository.blob(str(PACKAGE.manifest.digest)) == PACKAGE.manifest.text()


def test_what_is_there_is_not_sent_again(there: Registry) -> None:
    kept, _ = store(there, "team/two")
    kept.keep(PACKAGE.manifest, ARCHIVE)
    before = there.sent()
    assert kept.keep(PACKAGE.manifest, ARCHIVE).sha256 == sha256(ARCHIVE).hexdigest()
    assert there.sent() == before


def test_whoever_is_quicker_has_packed_it_for_all(there: Registry) -> None:
    kept, _ = store(there, "team/three")
    other = ARCHIVE[:9] + b"\0" + ARCHIVE[10:]  # another machine's zlib: only a field that says where it was packed
    assert other != ARCHIVE
    kept.keep(PACKAGE.manifest, other)
    assert kept.keep(PACKAGE.manifest, ARCHIVE).sha256 == sha256(other).hexdigest()


def test_something_else_under_the_name_is_refused(there: Registry) -> None:
    kept, repository = store(there, "team/four")
    other = package({"dvc.yaml": b"other"})
    kept.keep(other.manifest, pack(other))
    repository.send_manifest(tag_of(PACKAGE.manifest), repository.manifest(tag_of(other.manifest)) or b"")
    with pytest.raises(IntegrityError, match="another package"):
        kept.keep(PACKAGE.manifest, ARCHIVE)


def test_a_byte_that_changed_in_its_storage_is_found(tmp_path: Path) -> None:
    with registry(tmp_path) as there:
        kept, repository = store(there, "team/five")
        archive = kept.keep(PACKAGE.manifest, ARCHIVE)
        blob = there.storage / f"docker/registry/v2/blobs/sha256/{archive.sha256[:2]}/{archive.sha256}/data"
        blob.write_bytes(blob.read_bytes()[:-1] + b"\1")
        with pytest.raises(IntegrityError, match="other bytes"):
            repository.blob(f"sha256:{archive.sha256}")


def test_a_registry_that_is_gone_is_named_soon() -> None:
    begin = time.monotonic()
    with pytest.raises(ServiceError, match="can't be asked"):
        OciRepository("127.0.0.1:1/team/six", limits=QUICK).manifest("tag")
    assert time.monotonic() - begin < 6


def test_only_who_has_a_login_comes_in_and_no_error_shows_it(tmp_path: Path) -> None:
    with registry(tmp_path, htpasswd=LOGINS) as there:
        name = f"{there.host}/team/seven"
        for login in (None, Login(user=USER, password=PASSWORD[::-1])):
            with pytest.raises(RefusedError) as caught:
                OciRepository(name, login=login, limits=QUICK).manifest("tag")
            assert PASSWORD[::-1] not in str(caught.value.findings)
        repository = OciRepository(name, login=Login(user=USER, password=PASSWORD), limits=QUICK)
        assert OciStore(name, repository).keep(PACKAGE.manifest, ARCHIVE).size == len(ARCHIVE)
        assert PASSWORD not in repr(Login(user=USER, password=PASSWORD))


def test_the_chain_of_a_package_in_a_registry_is_walked_there(team: Team, there: Registry) -> None:
    inside, name = Inside(team.root), f"{there.host}/team/delays"
    record = inside.records.read(inside.named)
    unpacked = verified(inside.named, inside.world).unpacked
    lay(team.root, {"mlops-ci.yaml": f"package: {{registry: '{name}'}}\n"})
    with DvcFolders(inside.world) as folders:
        kept = store_for(package_settings(inside.world), inside.world, folders).keep(record.manifest, pack(unpacked))
    assert kept.store == name
    team.remote.rename(team.remote.with_name("gone"))  # no DVC remote is needed
    inside.forged({"archive.json": kept.model_dump_json().encode()})
    links = {one.name: one.state for one in inside.chain().links}
    assert links[LinkName.ARCHIVE] is links[LinkName.PROVENANCE] is State.HOLDS


def test_an_image_is_asked_for_by_its_digest(team: Team, there: Registry) -> None:
    kept, repository = store(there, "team/eight")
    kept.keep(PACKAGE.manifest, ARCHIVE)
    digest = sha256(repository.manifest(tag_of(PACKAGE.manifest)) or b"").hexdigest()
    image = ImageName(name=f"{there.host}/team/eight:any", inputs="", digest=f"sha256:{digest}")
    has = image_finder(package_settings(Inside(team.root).world), Inside(team.root).world)
    assert has(image)
    assert not has(image.model_copy(update={"digest": "sha256:" + "0" * 64}))


def test_a_login_is_shown_to_no_registry_that_only_a_record_names(team: Team) -> None:
    """Whoever may write to git could have it sent to himself."""
    with asked_for_basic() as (host, shown):
        inside = Inside(team.root, {"MLOPS_CI_REGISTRY_USER": USER, "MLOPS_CI_REGISTRY_PASSWORD": PASSWORD})
        record = json.loads(inside.records.read(inside.named).archive.model_dump_json())
        inside.forged({"archive.json": json.dumps({**record, "store": f"{host}/evil"}).encode()})
        chain = inside.chain()
    assert chain.error is not None
    assert chain.error.exit is ExitCode.SERVICE
    assert (chain.links[-1].name, chain.links[-1].state) == (LinkName.ARCHIVE, State.UNKNOWN)
    assert shown == [""]


def test_a_token_is_got_where_the_registry_says_and_shown_to_it_alone() -> None:
    with token_server() as (host, shown):
        repository = OciRepository(f"{host}/team/x", login=Login(user=USER, password=PASSWORD), limits=QUICK)
        assert repository.manifest("tag") == b"{}"
        assert repository.manifest("tag") == b"{}"
    basic = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert shown == [
        "/v2/team/x/manifests/tag ", f"/token?service=registry&scope=pull {basic}",
        "/v2/team/x/manifests/tag Bearer t", "/v2/team/x/manifests/tag Bearer t",
    ]  # fmt: skip


def test_no_login_goes_over_a_network_in_the_clear() -> None:
    with token_server(realm="http://registry.example.invalid/token") as (host, _):
        repository = OciRepository(f"{host}/team/x", login=Login(user=USER, password=PASSWORD), limits=QUICK)
        with pytest.raises(RefusedError):
            repository.manifest("tag")


def test_a_silent_registry_is_given_up() -> None:
    with silent_server() as host:
        begin = time.monotonic()
        with pytest.raises(MlopsCiError, match="can't be asked"):
            OciRepository(f"{host}/team/x", limits=QUICK).manifest("tag")
        assert time.monotonic() - begin < 8

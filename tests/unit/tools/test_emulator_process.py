"""What tools/local/emulator_process.py leans on inside MiniStack: an upgrade that changes it is seen here first.

Runs in the stack's environment, where MiniStack is.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from tools.local.place import ROOT, TOOLCHAIN, clean_environment

PREAMBLE = """
import importlib.util, io, json, sys, time, zipfile
spec = importlib.util.spec_from_file_location("emulator_process", sys.argv[1])
process = importlib.util.module_from_spec(spec)
spec.loader.exec_module(process)
from ministack.core import lambda_runtime
from ministack.services import lambda_svc
def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name + ".py", text)
    return packed.getvalue()
ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
CONFIG = {"FunctionArn": ARN, "FunctionName": "f", "Handler": "code.handler", "Runtime": "python3.13", "Timeout": 20,
          "Layers": [{"Arn": "layer"}], "Environment": {"Variables": {"GREETING": "hello"}}}
CODE = zipped(code="import os, shared\\ndef handler(event, context): return [os.environ['GREETING'], shared.__file__]")
LAYER = zipped(**{"python/shared": ""})
lambda_svc._resolve_layer_zip = lambda layer: LAYER
lambda_runtime._worker_class_for = process.worker_class
"""


def in_the_emulator(script: str, layers: Path, **settings: str) -> Any:
    """What a script run beside MiniStack prints, as JSON."""
    program = str(ROOT / "tools" / "local" / "emulator_process.py")
    done = subprocess.run(
        [str(TOOLCHAIN / "python"), "-P", "-c", PREAMBLE + script, program],
        env=clean_environment(JINGKUAI_LAYERS=str(layers), TMPDIR=str(layers.parent), **settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_all_functions_of_a_layer_read_it_in_one_place(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    script = """
answers = []
for _ in range(2):  # two calls at once: two workers
    worker, how = lambda_runtime.acquire_worker("f", CONFIG, CODE)
    answers.append([how, *worker.invoke({}, "request")["result"]])
for workers in lambda_runtime._workers.values():
    lambda_runtime.kill_workers(workers)
print(json.dumps(answers))
"""
    first, second = in_the_emulator(script, tmp_path / "layers")
    (unpacked,) = (tmp_path / "layers").iterdir()
    assert first == second == ["spawn", "hello", str(unpacked / "python" / "shared.py")]


def test_a_worker_that_idles_ends_and_the_next_call_starts_another(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    script = """
worker, _ = lambda_runtime.acquire_worker("f", CONFIG, CODE)
worker.invoke({}, "request")
busy = process.retire_idle_workers()
lambda_runtime.release_worker(worker)
started, worker_process = worker.last_used, worker._proc
worker.last_used = started - 60
idle = process.retire_idle_workers()
again, how = lambda_runtime.acquire_worker("f", CONFIG, CODE)
print(json.dumps([busy, idle, worker_process.poll() is not None, how]))
"""
    assert in_the_emulator(script, tmp_path / "layers", JINGKUAI_IDLE_SECONDS="30") == [0, 1, True, "spawn"]


def test_the_names_that_are_replaced_are_the_ones_ministack_calls(tmp_path: Path) -> None:
    script = """
import inspect, ministack.app
ministack.app.main = lambda: None
process.main()
print(json.dumps([
    lambda_runtime._worker_class_for is process.worker_class and lambda_svc.reap_idle_workers is process.retire_idle_workers,
    "_worker_class_for(config)(" in inspect.getsource(lambda_runtime.acquire_worker),
    "reap_idle_workers()" in inspect.getsource(lambda_svc._ensure_reaper_thread),
    "_restore_esm_positions(_dynamodb_stream_positions, " in inspect.getsource(lambda_svc._restore_state),
]))
"""
    assert in_the_emulator(script, tmp_path) == [True, True, True, True]


def test_the_log_holds_neither_a_phone_nor_a_code(tmp_path: Path) -> None:
    script = """
import asyncio, logging, urllib.parse, ministack.app
written = io.StringIO()
logging.getLogger().addHandler(logging.StreamHandler(written))
ministack.app.main = lambda: None
from ministack.services import sns
def send(text):
    form = urllib.parse.urlencode({"Action": "Publish", "PhoneNumber": "+8619901327120", "Message": text})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return asyncio.run(sns.handle_request("POST", "/", headers, form.encode(), {}))[0]
before = send("123456")
as_it_was = written.getvalue()
process.main()
after = send("654321")
kept = json.dumps(list(sns._sms_log_for("+8619901327120")))
print(json.dumps([before, after, "19901327120" in as_it_was and "123456" in as_it_was, written.getvalue() == as_it_was, "654321" in kept]))
"""
    assert in_the_emulator(script, tmp_path) == [200, 200, True, True, True]


def test_a_stream_is_forgotten_at_a_stop_which_is_why_its_readers_begin_anew(tmp_path: Path) -> None:
    script = """
from ministack.services import dynamodb
dynamodb._stream_records["table"] = [{}]
print(json.dumps([name for name in dynamodb.get_state() if "stream" in name]))
"""
    assert in_the_emulator(script, tmp_path) == []

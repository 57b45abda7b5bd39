"""`make demo`: a whole installation on loopback with two open polls, until Ctrl-C."""

import shutil
import sys
from datetime import UTC, datetime, timedelta

from issuer.esia_stand.residents import RESIDENTS
from shared.clock import ALTAI
from shared.stopping import told_to_stop
from tests.programs.installation import REPOSITORY, Installation

FOLDER = REPOSITORY / "var" / "demo"
OPEN_MINUTES = {"barnaul": 20, "fair": 120}
PORTS = {"stand": 8081, "issuer": 8082, "box": 8083, "client": 8080}


def main() -> int:
    """Start, tell where to click, wait for Ctrl-C, stop."""
    stop = told_to_stop()
    shutil.rmtree(FOLDER, ignore_errors=True)
    print("Запускаем: учебный вход, регистратор, урну и клиент. Это займёт несколько секунд…", flush=True)
    with Installation(FOLDER, ports=dict(PORTS)) as installation:
        installation.release_client()
        now = datetime.now(UTC)
        closing = {name: now + timedelta(minutes=minutes) for name, minutes in OPEN_MINUTES.items()}
        polls = {
            name: installation.publish(name, opens_at=now - timedelta(seconds=1), closes_at=closes_at)
            for name, closes_at in closing.items()
        }
        print(_guide(installation, polls, closing), flush=True)
        while not stop.wait(1):
            installation.processes.check_alive()
        print("\nОстанавливаем…", flush=True)
    print(f"Остановлено. Данные и журналы остались в {FOLDER.relative_to(REPOSITORY)}/.", flush=True)
    return 0


def _guide(installation: Installation, polls: dict[str, str], closing: dict[str, datetime]) -> str:
    eligible = next(person for person in RESIDENTS if person.expected["barnaul"] == "eligible")
    refused = next(person for person in RESIDENTS if person.expected["barnaul"] == "not-resident")
    times = {name: f"{moment.astimezone(ALTAI):%H:%M} (UTC+7)" for name, moment in closing.items()}
    box, trust = installation.url("box"), installation.trust_file.relative_to(REPOSITORY)
    return f"""
  Вече работает. Откройте в браузере:

      {installation.url("client")}/

  Голосования: Барнаул (до {times["barnaul"]}) и весь край (до {times["fair"]}).
  На учебной странице входа выберите, кем войти, например:
      «{eligible.name}»: может голосовать в Барнауле и в крае;
      «{refused.name}»: житель другого муниципалитета, в Барнауле получит отказ.

  Урна и открытый журнал:  {box}/
  Проверить голосование самому (после закрытия — полностью):

      .venv/bin/veche-audit verify {box}/polls/{polls["barnaul"]} --trust {trust} --client

  Остановить: Ctrl-C
"""


if __name__ == "__main__":
    sys.exit(main())

"""An operator's own language-model server as a coder, off unless a settings file is named.

Source: notes on the classification, 5.3 (language-model adapters behind the coder's one interface) and 3 (policy as a
prompt). The server speaks the OpenAI-compatible chat-completions protocol. What it answers is checked, turned into
scores and calibrated as the local coder's are; a record it does not answer as asked gets the local coder's answer and
goes to a person. HTTP is httpx, which pysdmx brings already: it can be told to follow no redirect, to read no proxy
from the environment and to stop at a size, and to connect to the number that was checked, whatever the name says later.
"""

from __future__ import annotations

from cop.classification.coder.server.calibration import Calibration, Origin, calibrate
from cop.classification.coder.server.coding import LocalCoder, ServerCoder, from_settings
from cop.classification.coder.server.prompt import Policy
from cop.classification.coder.server.settings import Settings

__all__ = ["Calibration", "LocalCoder", "Origin", "Policy", "ServerCoder", "Settings", "calibrate", "from_settings"]

"""When things happen: one tick that starts what is due, and the housekeeping jobs."""

from feedsvc.schedule.pages import means_of, pages_of, work_off
from feedsvc.schedule.polling import client_of, polling, runner_with
from feedsvc.schedule.service import Scheduling

__all__ = ["Scheduling", "client_of", "means_of", "pages_of", "polling", "runner_with", "work_off"]

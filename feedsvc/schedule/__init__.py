"""When things happen: one tick that starts what is due, and the housekeeping jobs."""

from feedsvc.schedule.polling import polling
from feedsvc.schedule.service import Scheduling

__all__ = ["Scheduling", "polling"]

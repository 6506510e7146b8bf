"""The pathway of a commune: stage by stage, who helps there, why, and who hands over."""

from directory.pathway.build import build_pathway
from directory.pathway.shape import Match, Pathway, Step, pathway_url

__all__ = ["Match", "Pathway", "Step", "build_pathway", "pathway_url"]

"""Users over HTTP: anyone may register, users see and change themselves, superusers manage everybody."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, status

from app.api.deps import Client, CurrentCaller, Reading, SuperuserReading, SuperuserWriting, forget_user
from app.api.errors import responses
from app.api.routing import APIRouter
from app.repositories.base import Page
from app.repositories.user import UserRecord
from app.schemas.user import UserDetail, UserPage, UserQuery, UserRead, UserRegister, UserUpdate, UserUpdateMe
from app.services.user import UserService
from app.services.user_accounts import AccountService

router = APIRouter(prefix="/users", tags=["users"])


async def _accounts(request: Request) -> AccountService:
    state = request.app.state
    return AccountService(state.database, state.passwords, state.rate_limits, state.callers)


FORGET_USER = Depends(forget_user, scope="function")
Accounts = Annotated[AccountService, Depends(_accounts)]


@router.post(
    "/register",
    status_code=status.HTTP_201_CREATED,
    response_model=UserRead,
    responses=responses(409, 422, 429, 503),
)
async def register_user(accounts: Accounts, client: Client, new: UserRegister) -> UserRecord:
    """Create an account. Public."""
    return await accounts.register(new, client=client)


@router.get("/me", response_model=UserRead, responses=responses(401))
async def read_me(unit: Reading) -> UserRecord:
    return await UserService(unit).get_me()


@router.patch("/me", response_model=UserRead, responses=responses(401, 409, 422, 429, 503))
async def update_me(
    caller: CurrentCaller, accounts: Accounts, client: Client, changes: UserUpdateMe
) -> UserRecord:
    """Change one's own account; a new address or password ends all login sessions, this one too."""
    return await accounts.update(caller.public_id, changes, client=client)


@router.get("", response_model=UserPage, responses=responses(401, 403, 422))
async def list_users(unit: SuperuserReading, query: Annotated[UserQuery, Query()]) -> Page[UserRecord]:
    return await UserService(unit).page(query)


@router.get("/{public_id}", response_model=UserDetail, responses=responses(401, 403, 404, 422))
async def read_user(unit: SuperuserReading, public_id: UUID) -> UserRecord:
    return await UserService(unit).get(public_id)


@router.patch(
    "/{public_id}",
    response_model=UserDetail,
    responses=responses(401, 403, 404, 409, 422),
    dependencies=[FORGET_USER],
)
async def update_user(unit: SuperuserWriting, public_id: UUID, changes: UserUpdate) -> UserRecord:
    """Change a user; disabling one, or giving another address, ends that user's login sessions."""
    return await UserService(unit).update(public_id, changes)


@router.delete(
    "/{public_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(401, 403, 404, 409, 422),
    dependencies=[FORGET_USER],
)
async def delete_user(unit: SuperuserWriting, public_id: UUID) -> None:
    await UserService(unit).remove(public_id)
